"""Transition tables, and the product of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.exact.state_numbers import MAX_STATES, StateNumbers


@dataclass(frozen=True, eq=False)
class Pairs:
    """The product of two tables: state i of M is the pair `first[i]`, `second[i]`."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    successors: Successors


def product(first: Successors, second: Successors, max_states: int = MAX_STATES) -> Pairs:
    """The pairs of states that can be reached together from (0, 0); both must go on.

    Raises:
        TooManyStates: there are more than `max_states` pairs.
    """
    width = len(second)
    numbering = StateNumbers(max_states)
    numbering.number(np.zeros(1, np.int64))
    opened, tables = np.zeros(1, np.int64), []
    found = [opened]
    while len(opened):
        left, right = first[opened // width], second[opened % width]
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


NOWHERE = -1


Successors = NDArray[np.int32]
