"""What follows each state after each token, and the product of two such tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.state_numbers import MAX_STATES, StateNumbers
from tokgen.stopping import may_stop

NOWHERE = -1


Successors = NDArray[np.int32]


class Transitions(Protocol):
    """States with their successors, begun in the state `start`."""

    @property
    def start(self) -> int:
        """The first state."""

    def __len__(self) -> int:
        """How many states there are."""

    def rows(self, states: Ints) -> Successors:
        """The successors (B, V) of states (B,); -1 (NOWHERE) is refusal."""


@dataclass(frozen=True, eq=False)
class Table:
    """Transitions written out: `successors` (S, V)."""

    successors: Successors
    start: int = 0

    def __len__(self) -> int:
        return len(self.successors)

    def rows(self, states: Ints) -> Successors:
        """The successors (B, V) of states (B,)."""
        return self.successors[states]


@dataclass(frozen=True, eq=False)
class Pairs:
    """A product: state i of M is the pair `first[i]`, `second[i]`."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    successors: Successors


def product(first: Transitions, second: Transitions, max_states: int = MAX_STATES) -> Pairs:
    """The pairs of states that can be reached together from both starts; both must go on.

    Raises:
        TooManyStates: there are more than `max_states` pairs.
    """
    width = len(second)
    numbering = StateNumbers(max_states)
    opened = np.array([first.start * width + second.start], dtype=np.int64)
    numbering.number(opened)
    found, tables = [opened], []
    while len(opened):
        may_stop()
        left, right = first.rows(opened // width), second.rows(opened % width)
        both = (left != NOWHERE) & (right != NOWHERE)
        codes = left[both].astype(np.int64) * width + right[both]
        numbered = numbering.number(codes)
        table = np.full(left.shape, NOWHERE, dtype=np.int32)
        table[both] = numbered.states
        tables.append(table)
        opened = codes[numbered.fresh]
        found.append(opened)
    codes = np.concatenate(found)
    return Pairs(codes // width, codes % width, np.concatenate(tables))
