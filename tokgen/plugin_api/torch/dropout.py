"""Dropout whose random numbers cost little: on a processor they can take half of a training.

torch draws one number for each unit. Here one draw of 64 bits is cut into four of 16.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_STEPS = 1 << 16
_DRAWS_IN_A_WORD = 4


class Dropout(nn.Module):
    """Sets units to zero with probability `share` in training; the others grow to keep the mean.

    It does what `nn.Dropout` does (Srivastava et al. 2014), with the share rounded to 1/65,536. It
    draws from torch's own generator, so that a training with a seed can be repeated.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, units: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        dropped = round(self.share * _STEPS)
        if not self.training or not dropped:
            return units
        words = -(-units.numel() // _DRAWS_IN_A_WORD)
        drawn = torch.randint(-(1 << 63), (1 << 63) - 1, (words,), device=units.device)
        kept = drawn.view(torch.int16)[: units.numel()].view(units.shape) >= dropped - _STEPS // 2
        return units * kept.to(units.dtype).mul_(_STEPS / (_STEPS - dropped))


def drops_units(module: nn.Module) -> bool:
    """Whether a layer of the module leaves out units at random in training."""
    return any(_share_dropped(layer) > 0 for layer in module.modules())


def _share_dropped(layer: nn.Module) -> float:
    if isinstance(layer, Dropout):
        return layer.share
    if isinstance(layer, nn.modules.dropout._DropoutNd):
        return layer.p
    # torch's recurrent layers and attention drop units between their own layers or weights.
    inner = getattr(layer, "dropout", 0.0)
    return inner if isinstance(inner, float) else 0.0
