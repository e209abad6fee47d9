"""Passes over the data: which batch a step is shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tokgen.plugin_api.torch.batches import Batch, Batches, Drawn

# How often a column's value is not told in training, so that a model answers without it too.
LEFT_OUT = 0.25


class Passes:
    """Passes over the data, one after the other.

    All chance follows from the seed and the number of a pass or step, so any step can be asked for.
    """

    def __init__(self, batches: Batches, size: int, seed: int) -> None:
        self._batches = batches
        self._size = size
        self._seed = seed
        self._number = -1
        self._pass: list[Drawn] = []

    def at(self, step: int) -> Batch:
        """The batch of a step, counted from 0, with values of columns left out at random."""
        number, place = divmod(step, math.ceil(len(self._batches) / self._size))
        if number != self._number:
            generator = np.random.default_rng([self._seed, number])
            self._number, self._pass = number, self._batches.a_pass(self._size, generator)
        batch = self._batches.batch(self._pass[place])
        of_step = np.random.default_rng([self._seed, step, 1])
        told = of_step.random(batch.given.shape) >= LEFT_OUT
        return replace(batch, given=batch.given * told)
