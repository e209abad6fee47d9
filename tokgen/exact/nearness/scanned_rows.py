"""Rows that are compared with a text one by one, or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.nearness.edit_distance import WORD_BITS, edit_distance, edit_distances
from tokgen.rng import Words


class ScannedRows:
    """Rows by their length. Those of a length are laid out as an array when they are asked for."""

    def __init__(self, by_length: Mapping[int, Sequence[str]]) -> None:
        self._by_length = by_length
        letters = set("".join(chain.from_iterable(by_length.values())))
        self._alphabet = {letter: place for place, letter in enumerate(sorted(letters))}
        self._letters: dict[int, Ints] = {}

    def any_within(self, text: str, distance: int) -> bool:
        """Whether one is within so many edits of a text: it is about as long."""
        alike = [length for length in self._by_length if abs(length - len(text)) <= distance]
        if len(text) <= distance and any(length <= distance for length in alike):
            return True  # As many substitutions as the longer has letters are enough.
        if len(text) > WORD_BITS:
            return any(self._long_within(text, distance, length) for length in alike)
        return any((self.distances(text, length) <= distance).any() for length in alike)

    def distances(self, text: str, length: int) -> Ints:
        """The distance (D,) of each row of a length to a text."""
        if not text:
            return np.full(len(self._by_length[length]), length)
        return edit_distances(self._masks(text), self._rows(length), len(text))

    def _masks(self, text: str) -> Words:
        """For each letter of the alphabet (W, A) the places where the text has it, as bits."""
        words = -(-len(text) // WORD_BITS)
        masks = np.zeros((words, len(self._alphabet)), np.uint64)
        for place, letter in enumerate(text):
            if letter in self._alphabet:
                word, bit = divmod(place, WORD_BITS)
                masks[word, self._alphabet[letter]] |= np.uint64(1 << bit)
        return masks

    def _rows(self, length: int) -> Ints:
        """The rows of a length (L, D), their letters as places in the alphabet."""
        if length not in self._letters:
            rows = self._by_length[length]
            places = [self._alphabet[letter] for row in rows for letter in row]
            table = np.array(places, dtype=np.int32).reshape(len(rows), length)
            self._letters[length] = np.ascontiguousarray(table.T)
        return self._letters[length]

    def _long_within(self, text: str, distance: int, length: int) -> bool:
        """Of N + 1 parts of a text one at least stands unchanged in each row within N edits."""
        parts = _parts(text, min(distance, len(text)) + 1)
        return any(
            edit_distance(text, row) <= distance
            for row in self._by_length[length]
            if any(part in row for part in parts)
        )


def _parts(text: str, count: int) -> list[str]:
    """The text in so many parts of about one length."""
    ends = [len(text) * place // count for place in range(count + 1)]
    return [text[begin:end] for begin, end in pairwise(ends)]
