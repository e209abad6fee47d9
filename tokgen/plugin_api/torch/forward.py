"""One call of a module's `forward`, and what it returns held against what was asked for.

The start id never follows: its logit is -inf, whatever the module says.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tokgen.plugin_api.torch.cache import Cache
from tokgen.plugin_api.torch.module_error import ModuleError
from tokgen.plugin_api.vocabulary import Vocabulary

SUMS_TO_ONE = 1e-5

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


def logits_and_cache(
    model: TorchModel, ids: Tensor, given: Tensor, cache: Cache | None = None
) -> tuple[Tensor, Cache | None]:
    """Logits (B, V), or (B, T, V) of a model that reads sequences, and the cache that it keeps.

    Raises:
        ModuleError: the module returns something else.
    """
    told: dict[str, Any] = {"given": given} if model.reads_given else {}
    if cache is not None:
        told["cache"] = cache
    made = model(ids, **told)
    logits, after = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    rows = ids.shape if model.reads == "sequence" else ids.shape[:1]
    shape = (*rows, model.vocabulary.size)
    if not isinstance(logits, Tensor) or logits.shape != shape:
        raise ModuleError(
            f"forward returns {_described(logits)} instead of logits {shape}"
            f"{_meant(model, logits, ids)}",
            type(model).forward,
            "return",
        )
    if after is not None:
        _check_cache(model, after, len(ids))
    return _without_start(logits, model.vocabulary, -math.inf), after


def check_logits(model: TorchModel) -> None:
    """What `forward` returns are logits, not the probabilities that softmax makes of them.

    Raises:
        ModuleError: they are at least 0, and sum to 1.
    """
    vocabulary = model.vocabulary
    # Some layers (batch normalisation) refuse a single row.
    ids = torch.full((2, model.context_length or 1), vocabulary.id_before_first)
    given = torch.tensor([vocabulary.nothing_given] * 2, dtype=torch.int64)
    with torch.no_grad():
        logits, _ = logits_and_cache(model, ids, given)
    row = logits.reshape(-1, vocabulary.size)[-1]
    # Where a start id has been taken out, what is left of probabilities no longer sums to 1.
    if vocabulary.start_id is None and (row >= 0).all() and abs(float(row.sum()) - 1) < SUMS_TO_ONE:
        raise ModuleError(
            "forward returns probabilities instead of logits: leave the softmax out, which the "
            "training and the samplers apply themselves",
            type(model).forward,
            "return",
        )


def mean_of_all(logprobs: Tensor, vocabulary: Vocabulary) -> Tensor:
    """The mean (N,) of the log-probabilities (N, V) of all tokens that can follow."""
    if vocabulary.start_id is None:
        return logprobs.mean(dim=-1)
    total = _without_start(logprobs, vocabulary, 0.0).sum(dim=-1)
    return total / (vocabulary.size - 1)


def _without_start(logits: Tensor, vocabulary: Vocabulary, value: float) -> Tensor:
    if vocabulary.start_id is None:
        return logits
    start = torch.tensor([vocabulary.start_id], device=logits.device)
    return logits.index_fill(-1, start, value)


def _meant(model: TorchModel, logits: Any, ids: Tensor) -> str:
    """What is to be changed where the logits have the shape of the other way to read."""
    other, rows = (
        ("context", ids.shape[:1]) if model.reads == "sequence" else ("sequence", ids.shape)
    )
    if not isinstance(logits, Tensor):
        return ""
    asked = ids.shape if model.reads == "sequence" else ids.shape[:1]
    size = model.vocabulary.size
    if logits.shape[:-1] == asked:
        return f": the vocabulary has {size} tokens here, which is `vocabulary.size` in `build`"
    if logits.shape != (*rows, size):
        return ""
    return f': those are for `reads = "{other}"`, and the class reads "{model.reads}"'


def _check_cache(model: TorchModel, cache: Any, count: int) -> None:
    tensors = isinstance(cache, tuple) and all(isinstance(each, Tensor) for each in cache)
    if not tensors or any(each.shape[:1] != (count,) for each in cache):
        raise ModuleError(
            f"forward returns {_described(cache)} as the cache of {count} sequences instead of a "
            "tuple of tensors, rows first (of a recurrent layer: `to_cache(last)`)",
            type(model).forward,
            "return",
        )


def _described(made: Any) -> str:
    if isinstance(made, Tensor):
        return f"a tensor {tuple(made.shape)}"
    if isinstance(made, tuple):
        return f"a tuple of {', '.join(map(_described, made)) or 'nothing'}"
    return "nothing" if made is None else type(made).__name__
