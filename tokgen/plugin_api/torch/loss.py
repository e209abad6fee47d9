"""The loss of a module on batches: minus the log-likelihood of their targets, nats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tokgen.plugin_api.torch.batches import Batch, Batches, Drawn
from tokgen.plugin_api.torch.forward import logits_and_cache, mean_of_all

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


@dataclass(frozen=True, eq=False)
class SummedLoss:
    """The summed loss of a batch, and the weight of its targets.

    What a batch weighs differs from what it is expected to weigh, so their quotient says far more
    of the model than the loss that the update goes by.
    """

    loss: Tensor
    weight: float


def mean_loss(losses: list[SummedLoss]) -> float:
    """The mean loss of a target over batches."""
    return float(torch.stack([each.loss for each in losses]).sum()) / sum(
        each.weight for each in losses
    )


def summed_loss(module: TorchModel, batch: Batch, smoothing: float, device: torch.device) -> Tensor:
    """The loss summed over a batch's targets."""
    ids, given = _tensor(batch.inputs, device), _tensor(batch.given, device)
    logits, _ = logits_and_cache(module, ids, given)
    logprobs = functional.log_softmax(logits.reshape(-1, logits.shape[-1]), dim=-1)
    rows, tokens = _tensor(batch.rows, device), _tensor(batch.tokens, device)
    chosen = logprobs[rows, tokens]
    if smoothing:
        means = mean_of_all(logprobs, module.vocabulary)
        chosen = (1 - smoothing) * chosen + smoothing * means[rows]
    return -(_tensor(batch.weights, device) * chosen).sum()


def _tensor(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def loss_on(module: TorchModel, batches: Batches, device: torch.device) -> float:
    """The mean loss of a target on all batches, without dropout and smoothing."""
    module.eval()
    total, examples = 0.0, 0.0
    with torch.inference_mode():
        for begin in range(0, len(batches), batches.at_once):
            end = min(begin + batches.at_once, len(batches))
            batch = batches.batch(Drawn.alike(np.arange(begin, end), len(batches)))
            total += float(summed_loss(module, batch, 0.0, device))
            examples += float(batch.weights.sum())
    module.train()
    return total / examples
