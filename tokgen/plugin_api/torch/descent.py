"""One step of plain gradient descent on one example: w <- w - rate * gradient of −ln p."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from tokgen.arrays import Floats
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.forward import logits_and_cache
from tokgen.plugin_api.torch.tiles import as_read

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


def descend(model: TorchModel, prefix: Prefixes, target: int, rate: float) -> Floats:
    """Move the model's parameters by one step, as it is evaluated (without dropout).

    Args:
        prefix: one row, which `target` follows.

    Returns:
        The gradient of −ln p by the logits (V,).
    """
    read = as_read(model, prefix)
    logits, _ = logits_and_cache(model, torch.tensor(read.ids), torch.tensor(read.given))
    row = logits.reshape(-1, model.vocabulary.size)[-1]
    row.retain_grad()
    loss = functional.cross_entropy(row[None], torch.tensor([target]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert row.grad is not None
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad, alpha=rate)
    return row.grad.numpy().astype(np.float64)
