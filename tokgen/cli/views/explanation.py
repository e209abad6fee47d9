"""A model's explanation of one distribution in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.cli.views.bars import bar
from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import Column, Table, figures
from tokgen.percentages import percent
from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.results import NextToken, ranked
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from rich.console import Console


FIGURES_IN_A_ROW, TOKENS, BAR, INDENT = 8, 8, 8, 4


def show_explanation(console: Console, shown: NextToken, steps: Sequence[Explanation]) -> None:
    """Each step's figures; of long vectors the first, and how many there are."""
    from rich.padding import Padding
    from rich.text import Text

    seen = shown_row(shown.window, shown.symbols)
    console.print(f"  the model sees {seen}", style="bold")
    for step in steps:
        shape = " × ".join(map(str, step.values.shape))
        name = Text(f"{inert(step.name)} ({shape})", "cyan")
        console.print(Padding(name, (0, 0, 0, INDENT // 2)))
        table = _drawn(step, shown, console.width - INDENT)
        console.print(Padding(table, (0, 0, 0, INDENT)))


def _drawn(step: Explanation, shown: NextToken, width: int) -> Table | str:
    of_tokens = step.rows == shown.symbols
    if step.values.ndim == 1 and of_tokens:
        return _highest(step.values, step.rows, width)
    if step.values.ndim == 1 and step.rows and not step.shares:
        pairs = zip(step.rows, step.values.tolist(), strict=True)
        named = [f"{inert(label)} {_in_figures(np.array([value]))[0]}" for label, value in pairs]
        return _in_pairs(named, width, "")
    if step.shares or step.columns:
        order = ranked(shown.logprobs)[:TOKENS] if of_tokens else np.arange(len(step.values))
        return _named(step, order, shown.symbols)
    return _beginnings(np.atleast_2d(step.values), step.rows or [""] * len(step.values))


def _named(step: Explanation, order: Ints, symbols: Sequence[str]) -> Table:
    """Rows in this order, each column under its name; shares as bars."""
    values = step.values[order].reshape(len(order), -1).T
    names = [step.rows[row] for row in order.tolist()] if step.rows else []
    labels = [shown_symbol(name) if name in symbols else inert(name) for name in names]
    headings = map(inert, step.columns or [""] * len(values))
    more = len(order) < len(step.values)
    columns = [Column(labels + ["…"] * more, is_key=True)] if labels else []
    for heading, numbers in zip(headings, values, strict=True):
        cells = (_in_bars(numbers) if step.shares else _in_figures(numbers)) + [""] * more
        columns.append(Column(cells, heading) if step.shares else figures(cells, heading))
    return Table(columns)


def _in_bars(shares: Floats) -> list[str]:
    """`████     50.0 %`: each share on the scale from 0 to 1."""
    return [f"{bar(share, BAR):<{BAR}} {percent(share):>7}" for share in shares.tolist()]


def _in_figures(values: Floats) -> list[str]:
    """Numbers that are all whole without a point, others with four digits behind it."""
    whole = (values == np.round(values)).all()
    return [f"{value:,.0f}" if whole else f"{value:.4f}" for value in values.tolist()]


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
    order = ranked(values)[:FIGURES_IN_A_ROW].tolist()
    pairs = [f"{shown_symbol(labels[place])} {values[place]:.3f}" for place in order]
    pairs += ["…"] if len(order) < len(values) else []
    return _in_pairs(pairs, width, "highest: ")


def _in_pairs(pairs: Sequence[str], width: int, first: str) -> str:
    """Labels with their figures in lines that break between pairs alone."""
    unbroken = "\N{NO-BREAK SPACE}"
    row = "  ".join(pair.replace(" ", unbroken) for pair in pairs)
    lines = textwrap.wrap(first + row, width, subsequent_indent=" " * len(first))
    return "\n".join(lines).replace(unbroken, " ")
