"""Automata over token ids: which documents are allowed, read one token at a time."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.transitions import Table, Transitions


class Automaton(Transitions, Protocol):
    """Transitions, and the states in which a document may end.

    The terminator's column of `rows` means nothing: whether it may follow, `accepts` tells.
    """

    def accepts(self, states: Ints) -> NDArray[np.bool_]:
        """Whether a document may end (B,) in these states (B,)."""


class _Everything(Table):
    def accepts(self, states: Ints) -> NDArray[np.bool_]:
        return np.ones(len(states), bool)


def everything(size: int) -> Automaton:
    """Allows every document of `size` symbols, whatever it spells."""
    return _Everything(np.zeros((1, size), np.int32))
