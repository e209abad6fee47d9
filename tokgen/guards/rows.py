"""Rows of log-probabilities: the check that every distribution of every model passes once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, normalised
from tokgen.guards.blame import NotAsPromisedError
from tokgen.plugin_api.vocabulary import Vocabulary

# How far from 1 a row's probabilities may sum.
TOLERANCE = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-5}
# As many numbers as stay in a core's cache while they are looked at.
NUMBERS_AT_ONCE = 1 << 16
# Beyond so many symbols a model does little more than its last product; summing each row would then
# take 7 % of its time; searching each and summing every eighth takes less than 2 %.
MOST_SYMBOLS_FOR_EACH_SUM = 1024
SUMMED_OF_MANY_SYMBOLS = 8


def check_form(rows: Any, shape: tuple[int, int], dtype: Any) -> None:
    """Hold the shape and the type of a model's rows against its contract.

    Raises:
        NotAsPromisedError: they are no array, or of another shape or type.
    """
    check_array(rows, shape)
    if rows.dtype != dtype:
        raise NotAsPromisedError(f"it gives {rows.dtype} although its dtype is {np.dtype(dtype)}")


def check_normalised(rows: Floats) -> None:
    """Hold the numbers of rows (B, V) against their contract.

    A row that holds NaN or +inf does not sum to 1. With very many symbols every row is searched for
    these and for what is above 0, and every eighth is summed.

    Raises:
        NotAsPromisedError: a row's probabilities do not sum to 1.
    """
    summed = rows
    with np.errstate(all="ignore"):
        if rows.shape[1] > MOST_SYMBOLS_FOR_EACH_SUM:
            _require(rows, rows.max(axis=1) <= TOLERANCE[rows.dtype])
            summed = rows[::SUMMED_OF_MANY_SYMBOLS]
        at_once = max(1, NUMBERS_AT_ONCE // rows.shape[1])
        for begin in range(0, len(summed), at_once):
            part = summed[begin : begin + at_once]
            sums = np.exp(part).sum(axis=1)
            _require(part, np.abs(sums - 1) <= TOLERANCE[rows.dtype])


def without_start(rows: Floats, vocabulary: Vocabulary) -> Floats:
    """Rows (B, V) given that the start id does not follow, since it stands at beginnings alone.

    A row that gives it nothing stays as it is, to the last bit.

    Raises:
        NotAsPromisedError: a row leaves nothing to the other tokens.
    """
    for start in vocabulary.beginning:
        wasteful = rows[:, start] > -np.inf
        if wasteful.any():
            others = np.where(vocabulary.can_follow, rows[wasteful], -np.inf)
            if (others.max(axis=1) == -np.inf).any():
                raise NotAsPromisedError(
                    f"a row gives everything to the start id {vocabulary.symbols[start]!r}, "
                    "which never follows"
                )
            rows = rows.copy()
            rows[wasteful] = normalised(others)
    return rows


def _require(rows: Floats, sound: NDArray[np.bool_]) -> None:
    if sound.all():
        return
    row = rows[int(np.argmin(sound))]
    if np.isnan(row).any():
        raise NotAsPromisedError("a row holds NaN")
    if (row == np.inf).any():
        raise NotAsPromisedError("a row holds +inf")
    total = float(np.exp(row).sum())
    raise NotAsPromisedError(f"the probabilities of a row sum to {total:.8g}, not to 1")


def check_array(made: Any, shape: tuple[int, ...]) -> None:
    """Hold what should be an array of numbers with a fraction against the shape it should have.

    Raises:
        NotAsPromisedError: it is no such array, or of another shape.
    """
    if not isinstance(made, np.ndarray):
        raise NotAsPromisedError(f"it gives {type(made).__name__} instead of an array")
    if made.dtype.kind != "f":
        raise NotAsPromisedError(f"it gives an array of {made.dtype} instead of float64")
    if made.shape != shape:
        raise NotAsPromisedError(f"it gives the shape {made.shape} instead of {shape}")
