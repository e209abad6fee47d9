"""The weights that had the lowest validation loss of a training."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor, nn


@dataclass
class BestWeights:
    """The lowest validation loss so far, the weights that had it, and how long ago that was."""

    loss: float = float("inf")
    state: dict[str, Tensor] = field(default_factory=dict)
    evaluations_since: int = 0

    def keep_if_lower(self, loss: float, module: nn.Module) -> None:
        """Take over a module's weights where their loss is the lowest so far."""
        if loss < self.loss:
            self.state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
            self.loss, self.evaluations_since = loss, 0
        else:
            self.evaluations_since += 1
