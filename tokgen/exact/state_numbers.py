"""Numbering states in the order in which they are found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tokgen.arrays import Ints, distinct
from tokgen.errors import RequestError

MAX_STATES = 2_000_000
UNKNOWN = -1
# Where recent codes are as many as the root of so many times the old ones, they become old.
MOVED_FOR_EACH = 16


class TooManyStates(RequestError):
    """The states would not fit; the message names the limit."""


@dataclass(frozen=True, eq=False)
class NumberedStates:
    """Shapes: `states` (N,) the number of each code; `fresh` (F,) where the new ones stand.

    Each new code is among `fresh` once, in the order of the numbers.
    """

    states: Ints
    fresh: Ints


@dataclass(frozen=True, eq=False)
class _Known:
    """Codes (N,), ascending, and the number of each."""

    codes: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    states: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def look_up(self, codes: Ints, states: Ints) -> None:
        """Write into `states` (D,) the numbers of those of `codes` (D,) that are known."""
        places = np.searchsorted(self.codes, codes)
        inside = np.flatnonzero(places < len(self.codes))
        known = inside[self.codes[places[inside]] == codes[inside]]
        states[known] = self.states[places[known]]

    def joined(self, other: _Known) -> _Known:
        """Both together."""
        places = np.searchsorted(self.codes, other.codes)
        return _Known(
            np.insert(self.codes, places, other.codes), np.insert(self.states, places, other.states)
        )


class StateNumbers:
    """Gives each integer code a number, the first code 0, the next new one 1, and so on.

    New codes are kept apart from the old ones until they are a few times the root of their number,
    so that a search that finds its states one by one does not move all of them each time.
    """

    def __init__(self, max_states: int) -> None:
        self._max_states = max_states
        self._old, self._recent = _Known(), _Known()

    def __len__(self) -> int:
        """How many codes have a number."""
        return len(self._old.codes) + len(self._recent.codes)

    def number(self, codes: Ints) -> NumberedStates:
        """The numbers of codes (N,).

        Raises:
            TooManyStates: more different codes came than there may be states.
        """
        different = distinct(codes)
        which = np.searchsorted(different, codes)
        somewhere = np.empty(len(different), np.int64)
        somewhere[which] = np.arange(len(codes))
        states = np.full(len(different), UNKNOWN)
        self._old.look_up(different, states)
        self._recent.look_up(different, states)
        new = states == UNKNOWN
        states[new] = len(self) + np.arange(np.count_nonzero(new))
        self._recent = self._recent.joined(_Known(different[new], states[new]))
        if len(self._recent.codes) ** 2 > MOVED_FOR_EACH * len(self._old.codes):
            self._old, self._recent = self._old.joined(self._recent), _Known()
        if len(self) > self._max_states:
            raise TooManyStates(
                f"An exact computation needs more than {self._max_states:,} states.", field="memory"
            )
        return NumberedStates(states[which], somewhere[new])
