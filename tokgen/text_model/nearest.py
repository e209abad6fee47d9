"""The nearest document of a corpus by edit distance (Levenshtein 1966), many documents at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints, rows_at_once


@dataclass(frozen=True)
class Nearest:
    """A document, and how many insertions, deletions and replacements away it is."""

    text: str
    distance: int


@dataclass(frozen=True, eq=False)
class _Block:
    """Documents of like length: `numbers` (D,), `lengths` (D,), `letters` (longest, D)."""

    numbers: Ints
    lengths: Ints
    letters: NDArray[np.uint32]

    def distances(self, points: Sequence[int]) -> Ints:
        """The edit distance (D,) of each document to a text of these code points."""
        width = len(self.letters)
        row = np.repeat(np.arange(width + 1, dtype=np.int32)[:, None], len(self.numbers), axis=1)
        for place, point in enumerate(points, start=1):
            above, row = row, np.empty_like(row)
            row[0] = place
            replaced = above[:-1] + (self.letters != point)
            np.minimum(replaced, above[1:] + 1, out=row[1:])
            for column in range(1, width + 1):
                np.minimum(row[column], row[column - 1] + 1, out=row[column])
        return row[self.lengths, np.arange(len(self.numbers))].astype(np.int64)


class Neighbourhood:
    """Documents laid out by length, so that distances to many are a few array operations.

    A document of another length is at least the difference away, so that most blocks are skipped.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        self._texts = list(documents)
        self._blocks = list(_blocks(self._texts))

    def nearest(self, text: str) -> Nearest:
        """The nearest document, of equals the first."""
        points = [ord(letter) for letter in text]
        best, number = len(text) + max(map(len, self._texts)) + 1, -1
        for block in sorted(self._blocks, key=lambda each: _apart(each, len(text))):
            if _apart(block, len(text)) > best:
                break
            distances = block.distances(points)
            found = int(distances.min())
            first = int(block.numbers[distances == found].min())
            if (found, first) < (best, number) or number < 0:
                best, number = found, first
        return Nearest(self._texts[number], best)


def _apart(block: _Block, length: int) -> int:
    """The least by which a document of the block differs from this length."""
    shortest, longest = int(block.lengths.min()), int(block.lengths.max())
    return max(shortest - length, length - longest, 0)


def _blocks(texts: Sequence[str]) -> Iterator[_Block]:
    lengths = np.array([len(text) for text in texts])
    for length in np.unique(lengths).tolist():
        alike = np.flatnonzero(lengths == length)
        at_once = rows_at_once(max(length, 1), len(alike))
        for begin in range(0, len(alike), at_once):
            numbers = alike[begin : begin + at_once]
            joined = "".join(texts[number] for number in numbers.tolist())
            points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
            letters = np.ascontiguousarray(points.reshape(len(numbers), length).T)
            yield _Block(numbers, lengths[numbers], letters)
