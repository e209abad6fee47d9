"""How far different documents reach into the improbable ones, told when all are there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tokgen.text_model.results import Generated
from tokgen.unicode import inert

LONGEST_IN_DIGITS = 9 * math.log(10)
FEWEST = 10_000
WORTH_TELLING = 10.0


class Tail:
    """The log-probabilities of documents that pass through, in the order in which they come."""

    def __init__(self) -> None:
        self._logprobs: list[float] = []
        self._first = self._last = ""

    def watching(self, documents: Iterator[Generated]) -> Iterator[Generated]:
        """The same documents."""
        for each in documents:
            self._first = self._first if self._logprobs else each.text
            self._last = each.text
            self._logprobs.append(each.logprob)
            yield each

    @property
    def told(self) -> str | None:
        """How much less probable the last are than the first; None where it is not much."""
        tenth = len(self._logprobs) // 10
        if len(self._logprobs) < FEWEST:
            return None
        first, last = np.mean(self._logprobs[:tenth]), np.mean(self._logprobs[-tenth:])
        times = math.exp(first - last)
        if times < WORTH_TELLING:
            return None
        return (
            f"The first document, {inert(self._first)}, has a probability of "
            f"{_one_in(self._logprobs[0])}, the last, {inert(self._last)}, of "
            f"{_one_in(self._logprobs[-1])}. The last tenth is {times:,.0f} times less probable "
            "than the first tenth (geometric means): --quality 0.9 leaves out the least probable "
            "ones."
        )


def _one_in(logprob: float) -> str:
    """`1 in 587,555`, and `1 in 10^13` where nobody would read the digits."""
    if logprob > -LONGEST_IN_DIGITS:
        return f"1 in {math.exp(-logprob):,.0f}"
    return f"1 in 10^{-logprob / math.log(10):.0f}"
