"""The figures of one step of an explanation as cells of text, for `print` and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import counted
from tokgen.percentages import percent
from tokgen.plugin_api.explanation import Explanation
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from tokgen.text_model.results import NextToken

ROWS, FIGURES_IN_A_ROW = 8, 8


def titled(step: Explanation) -> str:
    """`rows of the embedding table (3 × 48)`: what a step is, and how many figures it has."""
    return f"{inert(step.name)} ({' × '.join(map(str, step.values.shape))})"


def cells_of(step: Explanation, shown: NextToken) -> list[list[str]]:
    """The figures of a step in rows, below the columns' names: of many rows or columns the first.

    Where rows have names, these come first. Rows of tokens are ordered: a vector by its own
    figures, a table by the tokens' probabilities.
    """
    table, order = _as_table(step), _order(step, shown)
    rows = [
        [*_label(step, row, shown), *_figures(step, table[row])] for row in order[:ROWS].tolist()
    ]
    if step.columns:
        rows.insert(0, [*[""] * bool(step.rows), *map(inert, step.columns)])
    if len(left := order[ROWS:]):
        rows.append([f"… {counted(len(left), 'more row')}", *[""] * (len(rows[0]) - 1)])
    return rows


def _as_table(step: Explanation) -> np.ndarray[Any, Any]:
    """A vector whose places have no names is one row; one whose places have them is a column."""
    if step.values.ndim == 2:
        return step.values
    return step.values[:, None] if step.rows or step.shares else step.values[None]


def _order(step: Explanation, shown: NextToken) -> Ints:
    if step.rows != shown.symbols:
        return np.arange(len(_as_table(step)))
    figures = step.values if step.values.ndim == 1 else shown.logprobs
    return np.argsort(-figures, kind="stable")


def _label(step: Explanation, row: int, shown: NextToken) -> list[str]:
    if not step.rows:
        return []
    name = step.rows[row]
    return [shown_symbol(name) if name in shown.symbols else inert(name)]


def _figures(step: Explanation, row: np.ndarray[Any, Any]) -> list[str]:
    most = len(row) if step.columns else FIGURES_IN_A_ROW
    figures = [_figure(step, value) for value in row[:most].tolist()]
    return [*figures, "…"] if len(row) > most else figures


def _figure(step: Explanation, value: float) -> str:
    if step.shares:
        return percent(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4f}"
