"""What tokens spell: the characters that the bytes of each token complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.utf8 import BOUNDARY, ILL_FORMED, NO_CHARACTER, Utf8Decoder


@dataclass(frozen=True, eq=False)
class Continuations:
    """The tokens that may follow in one state of a decoder, those of most characters first.

    Attributes:
        tokens: (N,).
        completed: for each number of a character from the first on, the class of that character
            of each token that has so many: they are the first of `tokens`.
        after: (N,) the decoder's state after each token.
    """

    tokens: Ints
    completed: tuple[NDArray[np.int32], ...]
    after: Ints


class Spelling:
    """A tokenizer's pieces as a decoder reads them, from each of its states that they lead to.

    `continuations` holds what may follow in each such state; the first, 0, stands between two
    characters.
    """

    def __init__(self, pieces: Sequence[bytes], terminator_id: int, decoder: Utf8Decoder) -> None:
        self._decoder = decoder
        self._bytes = np.frombuffer(b"".join(pieces), np.uint8)
        self._lengths = np.array([len(piece) for piece in pieces], dtype=np.int64)
        self._begins = np.cumsum(self._lengths) - self._lengths
        self._terminator_id = terminator_id
        found = {BOUNDARY: self._continuations(BOUNDARY)}
        waiting = [BOUNDARY]
        for state in waiting:
            for after in np.unique(found[state].after).tolist():
                if after not in found:
                    found[after] = self._continuations(after)
                    waiting.append(after)
        self._states = list(found)
        numbers = np.zeros(len(decoder.after), np.int64)
        numbers[self._states] = np.arange(len(found))
        self.continuations = [replace(each, after=numbers[each.after]) for each in found.values()]

    def __len__(self) -> int:
        """How many states of the decoder there are that the pieces lead to."""
        return len(self.continuations)

    @property
    def vocabulary_size(self) -> int:
        """How many tokens there are, the terminator included."""
        return len(self._lengths)

    @cached_property
    def spelt(self) -> Ints:
        """The classes of characters (N,) that the pieces can spell, ascending."""
        classes = [each for found in self.continuations for each in found.completed]
        return np.unique(_joined(classes))

    def read(self, state: int, text: bytes) -> tuple[int, list[int]]:
        """The state after these bytes, -1 where no piece leads there, and what they complete."""
        after, classes = self._decoder.read(self._states[state], text)
        return self._states.index(after) if after in self._states else ILL_FORMED, classes

    def _continuations(self, state: int) -> Continuations:
        """All tokens, read from a state of the decoder on; `after` has the decoder's numbers."""
        after = np.full(self.vocabulary_size, state)
        after[self._terminator_id] = ILL_FORMED
        reading = np.flatnonzero(after != ILL_FORMED)
        readers, classes = [], []
        for place in range(int(self._lengths.max(initial=0))):
            reading = reading[(self._lengths[reading] > place) & (after[reading] != ILL_FORMED)]
            byte, before = self._bytes[self._begins[reading] + place], after[reading]
            after[reading] = self._decoder.after[before, byte]
            completed = self._decoder.completed[before, byte]
            readers.append(reading[completed != NO_CHARACTER])
            classes.append(completed[completed != NO_CHARACTER])
        return _longest_first(after, _joined(readers), _joined(classes))


def spell_in_one_way(pieces: Sequence[bytes]) -> bool:
    """Whether each token is one whole character, so that every text has one spelling."""
    spelt = [piece for piece in pieces if piece]
    one_each = all(len(piece.decode(errors="replace")) == 1 for piece in spelt)
    return one_each and len(set(spelt)) == len(spelt)


def _longest_first(after: Ints, readers: Ints, classes: Ints) -> Continuations:
    """From states (V,) after each token, and which token completed which character, in order."""
    counts = np.bincount(readers, minlength=len(after))
    counts[after == ILL_FORMED] = -1
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= 0]
    places = np.full(len(after), -1)
    places[order] = np.arange(len(order))
    kept = places[readers] >= 0
    readers, classes = places[readers[kept]], classes[kept]
    by_token = np.argsort(readers, kind="stable")
    readers, classes = readers[by_token], classes[by_token]
    # The number of each character within its token.
    numbers = np.arange(len(readers)) - np.searchsorted(readers, readers)
    by_number = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers))[:-1]
    completed = np.split(classes[by_number].astype(np.int32), ends)
    return Continuations(order, tuple(completed), after[order])


def _joined(parts: Sequence[NDArray[Any]]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts])
