"""Explanation: one step of how a model comes to its distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Explanation:
    """One step of a model's way from a context to the distribution.

    Attributes:
        name: what the step computes, in words.
        values: numbers, (R,) or (R, C).
        rows: a label for each row; empty where rows have no names. Where the labels are the
            vocabulary's symbols, a view shows the tokens that are the most probable in the last
            step.
        columns: a label for each column of values (R, C); empty where columns have no names.
        shares: whether each column holds shares of a whole, from 0 to 1; a view draws them as bars.
    """

    name: str
    values: NDArray[Any]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    shares: bool = False
