"""Tiles: a model is asked for the same number of rows each time, so that each row is the same.

A matrix product may add in another order when it has more rows, or more threads; then equal
prefixes get rows that differ in the last bits. In a tile every row is computed alike, wherever it
stands: a BLAS works on blocks of 4, 8, 12 or 24 rows, and only the rows of a block that is not full
are added in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tokgen.arrays import Floats, Ints, in_parts
from tokgen.plugin_api.prefixes import Prefixes

# How many rows, by the type of the numbers: the kernels of OpenBLAS for AVX-512 and AVX2 keep all
# rows alike in float64 with 24 rows (not with 16, 32 or 64), in float32 with no more than 8. Of the
# shipped MLP (18,279 contexts) a Markov chain then takes a fifth longer than without tiles, and a
# half longer with 8 rows; a single row takes 0.15 ms. A float32 model whose time is a product with
# 50,000 columns takes a third longer in its tiles.
TILE = {np.dtype(np.float64): 24, np.dtype(np.float32): 8}


def in_tiles(
    ask: Callable[[Prefixes], Floats],
    prefixes: Prefixes,
    context_length: int | None,
    vocabulary_size: int,
    dtype: Any,
) -> Floats:
    """The rows (B, V) of prefixes, asked for in tiles of equal length.

    A tile that is not full is filled up with its own prefixes. It is as wide as the context, or
    for a model without one as wide as its prefixes are long.
    """
    rows: Floats = np.empty((len(prefixes), vocabulary_size), dtype)
    for length in np.unique(prefixes.lengths).tolist():
        alike = np.flatnonzero(prefixes.lengths == length)
        here = prefixes.select(alike)
        width = length if context_length is None else context_length
        wide = Prefixes(here.padded(width, 0), here.lengths, here.given).read_only()
        _ask_for_alike(ask, wide, alike, rows)
    return rows


def _ask_for_alike(
    ask: Callable[[Prefixes], Floats], prefixes: Prefixes, places: Ints, rows: Floats
) -> None:
    """Write the rows of prefixes of equal length at their places (A,)."""
    full = TILE[rows.dtype]

    def ask_for_tile(part: slice, room: None) -> None:
        count = part.stop - part.start
        if count == full:
            rows[places[part]] = ask(prefixes.select(part))
        else:
            repeated = np.resize(np.arange(part.start, part.stop), full)
            rows[places[part]] = ask(prefixes.select(repeated).read_only())[:count]

    in_parts(ask_for_tile, len(prefixes), full, lambda: None)
