"""How far different documents reach into the improbable ones, told when all are there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tokgen.text_model.results import Generated

FEWEST = 1_000
WORTH_TELLING = 100.0


class Tail:
    """The log-probabilities of documents that pass through, in the order in which they come."""

    def __init__(self) -> None:
        self._logprobs: list[float] = []

    def watching(self, documents: Iterator[Generated]) -> Iterator[Generated]:
        """The same documents."""
        for each in documents:
            self._logprobs.append(each.logprob)
            yield each

    @property
    def told(self) -> str | None:
        """How much less probable the last tenth is than the first; None where it is not much."""
        tenth = len(self._logprobs) // 10
        if len(self._logprobs) < FEWEST:
            return None
        first, last = np.mean(self._logprobs[:tenth]), np.mean(self._logprobs[-tenth:])
        times = math.exp(first - last)
        if times < WORTH_TELLING:
            return None
        return (
            f"The last tenth of the documents is {times:,.0f} times less probable than the first "
            "tenth (geometric means): --quality 0.9 leaves out the least probable ones."
        )
