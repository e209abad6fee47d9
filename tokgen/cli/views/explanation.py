"""A model's explanation of one distribution in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats
from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import Column, Table, figures
from tokgen.plugin_api.model import Explanation
from tokgen.text_model.results import NextToken
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from rich.console import Console


FIGURES_IN_A_ROW, INDENT = 8, 4


def show_explanation(console: Console, shown: NextToken, steps: Sequence[Explanation]) -> None:
    """Each step's figures; of long vectors the first, and how many there are."""
    from rich.padding import Padding

    seen = shown_row(shown.window, shown.symbols)
    console.print(f"  the model sees {seen}", style="bold")
    for step in steps:
        shape = " × ".join(map(str, step.values.shape))
        console.print(f"  {inert(step.name)} ({shape})", style="cyan")
        table: Table | str
        if step.values.ndim == 2:
            table = _beginnings(step.values, step.rows)
        elif step.rows:
            table = _highest(step.values, step.rows, console.width - INDENT)
        else:
            table = _beginnings(step.values[np.newaxis], [""])
        console.print(Padding(table, (0, 0, 0, INDENT)))


def _beginnings(rows: Floats, labels: Sequence[str]) -> Table:
    """The first figures of each row (R, K); where there are more, that is shown."""
    first = rows[:, :FIGURES_IN_A_ROW].T
    columns = [Column([*map(shown_symbol, labels)], is_key=True)] if any(labels) else []
    columns += [figures([f"{value:.2f}" for value in each.tolist()]) for each in first]
    if rows.shape[1] > len(first):
        columns.append(Column(["…"] * len(rows)))
    return Table(columns)


def _highest(values: Floats, labels: Sequence[str], width: int) -> str:
    """The labels of the highest values (N,) in order, in lines that break between pairs alone."""
    unbroken = "\N{NO-BREAK SPACE}"
    order = np.argsort(-values, kind="stable")[:FIGURES_IN_A_ROW].tolist()
    pairs = (f"{shown_symbol(labels[place])}{unbroken}{values[place]:.3f}" for place in order)
    lines = textwrap.wrap(f"highest: {'  '.join(pairs)}", width, subsequent_indent=" " * 9)
    return "\n".join(lines).replace(unbroken, " ")
