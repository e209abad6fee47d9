"""Numbering states in the order in which they are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import RequestError

MAX_STATES = 2_000_000


class TooManyStates(RequestError):
    """The states would not fit; the message names the limit."""


@dataclass(frozen=True, eq=False)
class NumberedStates:
    """Shapes: `states` (N,) the number of each code; `fresh` (F,) where the new ones stand.

    Each new code is among `fresh` once, in the order of the numbers.
    """

    states: Ints
    fresh: Ints


class StateNumbers:
    """Gives each integer code a number, the first code 0, the next new one 1, and so on."""

    def __init__(self, max_states: int) -> None:
        self._max_states = max_states
        self._codes: Ints = np.zeros(0, np.int64)
        self._states: Ints = np.zeros(0, np.int64)

    def number(self, codes: Ints) -> NumberedStates:
        """The numbers of codes (N,).

        Raises:
            TooManyStates: more different codes came than there may be states.
        """
        distinct = np.unique(codes)
        which = np.searchsorted(distinct, codes)
        somewhere = np.empty(len(distinct), np.int64)
        somewhere[which] = np.arange(len(codes))
        places = np.searchsorted(self._codes, distinct)
        old = np.zeros(len(distinct), bool)
        inside = places < len(self._codes)
        old[inside] = self._codes[places[inside]] == distinct[inside]
        states = np.empty(len(distinct), np.int64)
        states[old] = self._states[places[old]]
        states[~old] = len(self._codes) + np.arange(np.count_nonzero(~old))
        self._codes = np.insert(self._codes, places[~old], distinct[~old])
        self._states = np.insert(self._states, places[~old], states[~old])
        if len(self._codes) > self._max_states:
            raise TooManyStates(f"This has more than {self._max_states:,} states.", field="memory")
        return NumberedStates(states[which], somewhere[~old])
