"""Comparing rows that should be equal, and saying where they are not."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import ClauseViolatedError
from tokgen.testing.models.model_under_test import ModelUnderTest


def different_rows(found: Floats, expected: Floats, tolerance: float) -> list[int]:
    """The rows in which a number differs by more than the tolerance (nats, or as a share)."""
    close = np.isclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    return np.flatnonzero(~close.all(axis=1)).tolist()


def require_equal(
    model: ModelUnderTest,
    found: Floats,
    expected: Floats,
    prefixes: Prefixes,
    tolerance: float,
    where: str,
) -> None:
    """Hold rows (B, V) against those that they should be equal to.

    Raises:
        ClauseViolatedError: they differ; shown is the first prefix, which is the shortest.
    """
    rows = different_rows(found, expected, tolerance)
    if not rows:
        return
    row, kept = rows[0], len(prefixes) - len(rows)
    with np.errstate(invalid="ignore"):
        distances = np.nan_to_num(np.abs(found[row] - expected[row]), nan=0.0)
    token = int(distances.argmax())
    symbol = model.vocabulary.symbols[token]
    raise ClauseViolatedError(
        f"{where} the log-probability of {symbol!r} is {found[row, token]:.6g} instead of "
        f"{expected[row, token]:.6g} nats (a difference of {distances[token]:.2g})",
        model.described(prefixes, row),
        kept=f"for {kept} of {len(prefixes)} prefixes asked together" if kept else "",
    )
