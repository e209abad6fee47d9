"""AdamW (Loshchilov & Hutter 2019): steps along mean gradients, and a decay of matrices.

`torch.optim` takes the same steps, to the last bit. It imports torch's compiler for them, which
takes longer than to train a small network, and a third more memory.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MEAN_KEPT, SQUARE_KEPT = 0.9, 0.999
LEAST_DENOMINATOR = 1e-8


class AdamW:
    """Moves the parameters of a module; matrices decay, vectors do not."""

    def __init__(self, parameters: Iterable[nn.Parameter], weight_decay: float) -> None:
        # Matrices first: in this order snapshots number them.
        ordered = sorted(parameters, key=lambda each: each.dim() <= 1)
        self._moved = [_Moved(each, weight_decay if each.dim() > 1 else 0.0) for each in ordered]

    def step(self, rate: float) -> None:
        """Move every parameter that has a gradient."""
        with torch.no_grad():
            for moved in self._moved:
                moved.step(rate)

    def state(self) -> dict[str, Tensor]:
        """The moments of each parameter that was moved, to go on from."""
        return {
            f"{index}/{name}": tensor
            for index, moved in enumerate(self._moved)
            for name, tensor in moved.moments().items()
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from moments."""
        for index, moved in enumerate(self._moved):
            if f"{index}/step" in state:
                moved.load(*(state[f"{index}/{name}"] for name in ("step", *_Moved.MEANS)))


class _Moved:
    """A parameter, how often it was moved, and the running means of its gradient and its square."""

    MEANS = ("exp_avg", "exp_avg_sq")

    def __init__(self, parameter: nn.Parameter, weight_decay: float) -> None:
        self._parameter = parameter
        self._weight_decay = weight_decay
        self._steps = 0
        self._mean = torch.zeros_like(parameter)
        self._square = torch.zeros_like(parameter)

    def step(self, rate: float) -> None:
        if self._parameter.grad is None:
            return
        gradient = self._parameter.grad.to_dense()
        self._steps += 1
        self._mean.lerp_(gradient, 1 - MEAN_KEPT)
        self._square.mul_(SQUARE_KEPT).addcmul_(gradient, gradient, value=1 - SQUARE_KEPT)
        # The means begin at zero, which these take out of them.
        mean_seen = 1 - MEAN_KEPT**self._steps
        square_seen = 1 - SQUARE_KEPT**self._steps
        root = (self._square.sqrt() / square_seen**0.5).add_(LEAST_DENOMINATOR)
        self._parameter.mul_(1 - rate * self._weight_decay)
        self._parameter.addcdiv_(self._mean, root, value=-(rate / mean_seen))

    def moments(self) -> dict[str, Tensor]:
        if not self._steps:
            return {}
        steps = torch.tensor(self._steps)
        return {"step": steps, **dict(zip(self.MEANS, (self._mean, self._square), strict=True))}

    def load(self, steps: Tensor, mean: Tensor, square: Tensor) -> None:
        self._steps, self._mean, self._square = int(steps), mean, square
