"""Embeddings as figures: the table, and which symbols are similar."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats
from tokgen.cli.views.table import Column, Table, figures
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import Similar
from tokgen.unicode import inert, shown_symbol

SHOWN = 8
SHADES = " ░▒▓█"


def embedding_table(space: EmbeddingSpace) -> Table:
    """A row for each symbol: its first numbers, and where there are more, all as shades."""
    dimensions = space.table.T
    columns = [
        figures([f"{value:.2f}" for value in each.tolist()], str(number))
        for number, each in enumerate(dimensions[:SHOWN], start=1)
    ]
    if len(dimensions) > SHOWN:
        columns.append(Column(_shades(space.table), "all, the darker the larger"))
    return Table([Column([*map(shown_symbol, space.symbols)], is_key=True), *columns])


def _shades(table: Floats) -> list[str]:
    """Each row of a table (V, K) as K characters."""
    shares = np.abs(table) / (np.abs(table).max() or 1.0)
    return ["".join(SHADES[round(share * 4)] for share in row) for row in shares.tolist()]


def similar(found: Similar) -> str:
    """What was asked for, then the most similar symbols, each with its cosine."""
    said = "  ".join(f"{shown_symbol(symbol)} {value:.3f}" for symbol, value in found.found)
    return f"{inert(found.asked)}  →  {said}  (cosine)"
