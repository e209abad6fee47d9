"""An index of deletion neighbourhoods: the rows that can be within N edits of a text.

The neighbourhood of a text is all that is left of it when up to N letters are taken out. Two texts
within N edits of each other have a text in both neighbourhoods (Mor & Fraenkel 1982): an insertion
takes a letter out of one of them, a deletion out of the other, a substitution one out of both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tokgen.arrays import Ints
from tokgen.stopping import may_stop

MULTIPLIER = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1


def neighbourhood_size(length: int, distance: int) -> int:
    """In how many ways up to `distance` letters can be taken out of so many."""
    return sum(math.comb(length, count) for count in range(distance + 1))


class DeletionIndex:
    """Hashes of the neighbourhoods of rows, ascending, and the row of each.

    Different texts may share a hash: what is found is to be looked at. A row costs 12 bytes for
    each text of its neighbourhood.
    """

    def __init__(self, rows_by_length: Sequence[Sequence[str]], distance: int) -> None:
        """Index rows, given in groups of one length; they are numbered through."""
        self._distance = distance
        hashes = [np.zeros(0, np.uint64)]
        numbers = [np.zeros(0, np.int32)]
        begin = 0
        for rows in rows_by_length:
            may_stop()
            joined = "".join(rows).encode("utf-32-le", "surrogatepass")
            points = np.frombuffer(joined, np.uint32).reshape(len(rows), -1).astype(np.uint64)
            for left in _neighbourhood(list(points.T), len(rows[0]), distance):
                hashes.append(left + np.zeros(len(rows), np.uint64))
                numbers.append(np.arange(begin, begin + len(rows), dtype=np.int32))
            begin += len(rows)
        unsorted = np.concatenate(hashes)
        order = np.argsort(unsorted, kind="stable")
        self._hashes, self._numbers = unsorted[order], np.concatenate(numbers)[order]

    def __len__(self) -> int:
        """How many entries it has."""
        return len(self._hashes)

    def candidates(self, text: str) -> Ints:
        """The numbers of all rows within the distance, each once, and of some others."""
        left = set(_neighbourhood(list(map(ord, text)), len(text), self._distance))
        hashes = np.array([*left], dtype=np.uint64)
        begins = np.searchsorted(self._hashes, hashes, side="left").tolist()
        ends = np.searchsorted(self._hashes, hashes, side="right").tolist()
        found = [self._numbers[a:b] for a, b in zip(begins, ends, strict=True) if a < b]
        return np.unique(np.concatenate([np.zeros(0, np.int32), *found])).astype(np.int64)


def _neighbourhood(letters: Sequence[Any], length: int, distance: int) -> Iterator[Any]:
    """The hash of each text that is left of a text, or of many texts of one length at once.

    A letter is a number, or an array of numbers (D,): one for each text. The hash is the value of
    a polynomial modulo 2**64, so that the hash of each part follows from those of two beginnings.
    """
    begins: list[Any] = [0]
    for letter in letters:
        begins.append((begins[-1] * MULTIPLIER + letter + 1) & WORD)
    powers = [pow(MULTIPLIER, count, 1 << 64) for count in range(length + 1)]
    for count in range(min(distance, length) + 1):
        for gaps in itertools.combinations(range(length), count):
            hashed: Any = 0
            begin = 0
            for end in (*gaps, length):
                power = powers[end - begin]
                part = begins[end] - begins[begin] * power
                hashed = (hashed * power + part) & WORD
                begin = end + 1
            yield hashed
