"""The nearest document of a corpus by edit distance (Levenshtein 1966), all documents at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Nearest:
    """A document, and how many insertions, deletions and replacements away it is."""

    text: str
    distance: int


class Neighbourhood:
    """Documents laid out so that distances to all of them are a few array operations."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._texts = list(documents)
        self._lengths = np.array([len(text) for text in self._texts])
        self._width = int(self._lengths.max())
        joined = "".join(text.ljust(self._width) for text in self._texts)
        points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        self._letters = np.ascontiguousarray(points.reshape(len(self._texts), self._width).T)

    def nearest(self, text: str) -> Nearest:
        """The nearest document, of equals the first."""
        row = np.repeat(np.arange(self._width + 1)[:, None], len(self._texts), axis=1)
        row = row.astype(np.int16)
        for place, letter in enumerate(text, start=1):
            above, row = row, np.empty_like(row)
            row[0] = place
            replaced = above[:-1] + (self._letters != ord(letter))
            np.minimum(replaced, above[1:] + 1, out=row[1:])
            for column in range(1, self._width + 1):
                np.minimum(row[column], row[column - 1] + 1, out=row[column])
        distances = row[self._lengths, np.arange(len(self._texts))]
        best = int(distances.argmin())
        return Nearest(self._texts[best], int(distances[best]))
