"""Scoring whole documents with a torch module: all positions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from tokgen.arrays import Floats, in_parts, rows_at_once
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.batches import inputs_and_targets
from tokgen.plugin_api.torch.forward import logits_and_cache
from tokgen.plugin_api.torch.one_thread import one_thread

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel

DOCUMENTS_AT_ONCE = 64
# Logits, their log-probabilities, and what a module makes on the way.
ARRAYS_OF_LOGITS = 4


def document_logprobs(model: TorchModel, documents: Prefixes) -> Floats:
    """Log-probability (B, T) of each id of whole documents given those before it, nats."""
    # A module with few positions is not asked for what stands left of every document.
    width = max(int(documents.lengths.max(initial=0)), 1)
    scored = _scored(model, documents.last(width))
    return np.pad(scored, [(0, 0), (documents.ids.shape[1] - scored.shape[1], 0)])


def _scored(model: TorchModel, documents: Prefixes) -> Floats:
    inputs, targets, real = inputs_and_targets(documents, model.vocabulary)
    chosen: Floats = np.empty(targets.shape, model.dtype)
    dtype = getattr(torch, chosen.dtype.name)

    def score_part(part: slice, room: None) -> None:
        with torch.inference_mode(), one_thread:
            ids, told, wanted = (
                torch.tensor(array[part]) for array in (inputs, documents.given, targets)
            )
            logits, _ = logits_and_cache(model, ids, told)
            logprobs = logits.log_softmax(dim=-1, dtype=dtype)
            chosen[part] = logprobs.gather(2, wanted[:, :, None])[:, :, 0].numpy()

    width = targets.shape[1] * model.vocabulary.size
    at_once = rows_at_once(ARRAYS_OF_LOGITS * width, DOCUMENTS_AT_ONCE)
    with one_thread:
        in_parts(score_part, len(targets), at_once, lambda: None)
    aligned = np.zeros_like(chosen)
    aligned[real[:, ::-1]] = chosen[real]
    return aligned
