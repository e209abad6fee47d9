"""What follows each distinct prefix of the data, and how often: the targets of a training.

Equal prefixes carry the same prediction. So where one of them is read, all that ever follows it is
its target, each token by its share: the same loss and gradient in the mean, with less chance in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints


@dataclass(frozen=True, eq=False)
class Followers:
    """The distinct targets of D distinct prefixes, one prefix after the other.

    Shapes: `begin` (D + 1,) where each prefix begins among the `tokens` (E,) and `counts` (E,).
    """

    begin: Ints
    tokens: Ints
    counts: NDArray[np.float32]

    @classmethod
    def counted(cls, prefixes: Ints, targets: Ints, size: int) -> Followers:
        """Those of examples: the number of each one's prefix (N,), and its target (N,) below V."""
        pairs, counts = np.unique(prefixes * size + targets, return_counts=True)
        distinct = int(prefixes.max(initial=-1)) + 1
        begin = np.searchsorted(pairs // size, np.arange(distinct + 1))
        return cls(begin, pairs % size, counts.astype(np.float32))

    def of_each(self) -> NDArray[np.float32]:
        """How often each prefix (D,) occurs."""
        return np.add.reduceat(self.counts, self.begin[:-1]) if len(self.counts) else self.counts

    def of(self, prefixes: Ints) -> tuple[Ints, Ints, NDArray[np.float32]]:
        """What follows these prefixes (B,): which of them it follows, token, count; (E,) each."""
        lengths = self.begin[prefixes + 1] - self.begin[prefixes]
        places = np.repeat(np.arange(len(prefixes)), lengths)
        first = np.cumsum(lengths) - lengths
        at = np.arange(len(places)) + np.repeat(self.begin[prefixes] - first, lengths)
        return places, self.tokens[at], self.counts[at]


def numbered_prefixes(stream: Ints, starts: Ints, lengths: Ints, roots: Ints, size: int) -> Ints:
    """The number (N,) of what stands before each id of documents; equal prefixes have equal ones.

    Args:
        stream: (N,) the ids below `size`, document after document.
        starts: (D,) where each document begins in the stream.
        lengths: (D,) how many ids it has.
        roots: (D,) the number, from 0 on, of what is given before its first id.
    """
    numbers = np.full(len(stream), -1)
    reading, count = np.argsort(-lengths, kind="stable"), 0
    before = roots[reading]
    for position in range(int(lengths.max(initial=0))):
        reading = reading[: np.searchsorted(-lengths[reading], -position)]
        distinct, before = np.unique(before[: len(reading)], return_inverse=True)
        if len(distinct) == len(reading):
            break
        at = starts[reading] + position
        numbers[at] = count + before
        before = before * size + stream[at]
        count += len(distinct)
    alone = numbers < 0
    numbers[alone] = count + np.arange(alone.sum())
    return numbers
