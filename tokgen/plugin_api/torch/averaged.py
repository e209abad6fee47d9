"""The mean of a network's weights over its last steps (Polyak & Juditsky 1992).

Each step moves the weights to and fro around where they are going; the mean lies nearer to it. So
its loss is that of a training with a lower learning rate, long before the rate has fallen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class AveragedWeights:
    """An exponential mean of a module's parameters, of which each step keeps the share `kept`.

    The first steps keep less, so that the mean forgets the random weights of the beginning.
    """

    def __init__(self, module: nn.Module, kept: float) -> None:
        self._module = module
        self._kept = kept
        self._means = {name: each.detach().clone() for name, each in module.named_parameters()}

    def add(self, step: int) -> None:
        """Move the mean towards the weights after this step, counted from 0."""
        kept = min(self._kept, (1 + step) / (10 + step))
        for name, parameter in self._module.named_parameters():
            self._means[name].lerp_(parameter.detach(), 1 - kept)

    @torch.no_grad()
    def exchange(self) -> None:
        """Put the mean into the module, and the module's weights where the mean was."""
        for name, parameter in self._module.named_parameters():
            weights = parameter.clone()
            parameter.copy_(self._means[name])
            self._means[name].copy_(weights)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The module has the mean weights inside."""
        self.exchange()
        try:
            yield
        finally:
            self.exchange()

    def state(self) -> dict[str, Tensor]:
        """The means, by the parameters' names."""
        return self._means

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from these means."""
        self._means = dict(state)
