"""Results: what came of one call of `apply`, held against the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tokgen.arrays import Floats, normalised
from tokgen.generation.sampler_chain import WEIGHTS_SUM_TO
from tokgen.plugin_api.sampler import MOST_BRANCHES, Branches
from tokgen.testing.samplers.written import numbers

# Nats by which two results may differ that should be equal: rounding, no more.
ROUNDING = 1e-9

Step = Literal["call", "undeclared", "harm", "form", "count", "weights", "numbers", "none left"]

CLAUSE_OF: dict[Step, str] = {
    "call": "applies",
    "undeclared": "declared-needs",
    "harm": "input-unharmed",
    "form": "result-form",
    "count": "branch-count",
    "weights": "branch-weights",
    "numbers": "finite-or-removed",
    "none left": "leaves-a-token",
}


@dataclass(frozen=True)
class Fault:
    """Why a result cannot be used; `row` is the first row that shows it, where it is one.

    `cause` is what the plugin raised, where it raised something.
    """

    step: Step
    said: str
    row: int | None = None
    cause: Exception | None = None


class FaultyResultError(Exception):
    """What `apply` returned is not what the contract says."""

    def __init__(self, step: Step, said: str, row: int | None = None) -> None:
        super().__init__(said)
        self.fault = Fault(step, said, row)


@dataclass(frozen=True)
class Difference:
    """What a row has become instead of what it should be."""

    said: str
    row: int


@dataclass(frozen=True, eq=False)
class Result:
    """Distributions as `apply` returned them, and what it did beside that.

    Attributes:
        weights: of the branches; (1.0,) where there are none.
        branches: (B, V) each, nats, not normalised.
        rows_after: (B, V) the rows that it was given, as they were afterwards.
        generators_used: names of the random generators of the process that it used.
    """

    weights: tuple[float, ...]
    branches: tuple[Floats, ...]
    rows_after: Floats
    generators_used: tuple[str, ...]

    @property
    def probabilities(self) -> Floats:
        """The mixture (B, V) of all branches."""
        mixed = np.zeros_like(self.rows_after)
        for weight, rows in zip(self.weights, self.branches, strict=True):
            mixed += weight * np.exp(normalised(rows))
        return mixed

    def difference(self, other: Result, rows: Sequence[int] | None = None) -> Difference | None:
        """How the other result differs from this one, or from these rows of this one."""
        at = range(len(self.branches[0])) if rows is None else rows
        if len(self.weights) != len(other.weights):
            told = f"{len(other.weights)} branches instead of {len(self.weights)}"
            return Difference(told, at[0])
        if not np.allclose(self.weights, other.weights, rtol=0, atol=ROUNDING):
            told = f"the weights {list(other.weights)} instead of {list(self.weights)}"
            return Difference(told, at[0])
        for mine, theirs in zip(self.branches, other.branches, strict=True):
            before, after = normalised(mine[list(at)]), normalised(theirs)
            same = np.isclose(before, after, rtol=0, atol=ROUNDING).all(axis=1)
            for number in np.flatnonzero(~same).tolist():
                told = f"{_written(after[number])} instead of {_written(before[number])}"
                return Difference(told, at[number])
        return None


def result_of(made: Any, shape: tuple[int, ...]) -> tuple[tuple[float, ...], tuple[Floats, ...]]:
    """The weights and branches that a sampler returned for rows of this shape.

    Raises:
        FaultyResultError: they are not what the contract says.
    """
    pairs = _pairs(made)
    if len(pairs) > MOST_BRANCHES:
        raise FaultyResultError("count", f"it returned {len(pairs)} branches")
    weights = tuple(_weight(weight) for weight, _ in pairs)
    if abs(sum(weights) - 1) > WEIGHTS_SUM_TO:
        raise FaultyResultError("weights", f"the weights {list(weights)} sum to {sum(weights):g}")
    for _, rows in pairs:
        _check_form(rows, shape)
    for _, rows in pairs:
        _check_numbers(rows)
    return weights, tuple(rows for _, rows in pairs)


def _pairs(made: Any) -> list[tuple[Any, Any]]:
    if not isinstance(made, Branches):
        return [(1.0, made)]
    try:
        return [(weight, rows) for weight, rows in made.branches]
    except (TypeError, ValueError):
        raise FaultyResultError("form", "a branch is no pair of a weight and rows") from None


def _weight(weight: Any) -> float:
    try:
        number = float(weight)
    except (TypeError, ValueError):
        raise FaultyResultError("form", "the weight of a branch is no number") from None
    if not 0 <= number <= 1:
        raise FaultyResultError("weights", f"the weight {number:g} is not between 0 and 1")
    return number


def _check_form(rows: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(rows, np.ndarray):
        raise FaultyResultError("form", f"it returned {type(rows).__name__}, not an array")
    if rows.dtype != np.float64:
        raise FaultyResultError("form", f"it returned numbers of type {rows.dtype}, not float64")
    if rows.shape != shape:
        raise FaultyResultError("form", f"it returned the shape {rows.shape} for {shape}")


def _check_numbers(rows: Floats) -> None:
    for row in np.flatnonzero((np.isnan(rows) | (rows == np.inf)).any(axis=1)).tolist():
        raise FaultyResultError("numbers", f"it returned {_written(rows[row])}", row)
    for row in np.flatnonzero((rows == -np.inf).all(axis=1)).tolist():
        raise FaultyResultError("none left", f"row {row} has no token left", row)


def _written(row: Floats) -> str:
    return numbers(row) if row.size <= 12 else f"other numbers for {row.size} tokens"
