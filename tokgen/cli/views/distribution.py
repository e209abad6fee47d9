"""The distribution over the next token as a table: `next`, the REPL and the chain view share it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.cli.views.bars import NARROWEST_BAR, bar
from tokgen.cli.views.borders import border_of, shown_row
from tokgen.cli.views.table import GAP, Column, Table, figures, room_beside
from tokgen.errors import counted
from tokgen.percentages import percent, share
from tokgen.session.comparison import Comparison
from tokgen.text_model.given import written_as_options
from tokgen.text_model.results import NextToken, entropy, ranked
from tokgen.unicode import inert, shown_symbol, shown_symbols
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text


WIDEST_BAR = 40
NAMED = 8


class Sort(StrEnum):
    """The order of a distribution's rows."""

    probability = "probability"
    alphabet = "alphabet"


@dataclass(frozen=True)
class Headed:
    """One distribution (V,) under its heading."""

    heading: str
    logprobs: Floats


def order_of(logprobs: Floats, sort: Sort) -> Ints:
    """Token ids in the order in which they are listed."""
    if sort is Sort.alphabet:
        return np.arange(len(logprobs))
    return ranked(logprobs)


def columns_of(shown: NextToken) -> list[Headed]:
    """The model's distribution, and what each sampler makes of it."""
    stages = zip(shown.labels, shown.stages, strict=True)
    return [Headed("model", shown.logprobs), *(Headed(label, stage) for label, stage in stages)]


def heading(distribution: NextToken, unit: Unit, *, with_entropy: bool) -> RenderableType:
    """The prefix with the window that the model sees, entropy and effective number of choices."""
    from rich.text import Text

    text = Text("  ")
    border = border_of(distribution.symbols)
    unseen = len(distribution.tokens) - distribution.seen
    shown = [shown_symbols(token) + border for token in distribution.tokens]
    text.append("".join(shown[:unseen]), "dim")
    text.append("".join(shown[unseen:]).removesuffix(border), "bold reverse")
    text.append("▏", "dim")
    text.append(inert(distribution.rest_text), "dim")
    seen = shown_row(distribution.window, distribution.symbols) or "no context"
    told = f", told {inert(written_as_options(distribution.given))}" if distribution.given else ""
    text.append(f"   the model sees {seen}{told}   ")
    if with_entropy:
        nats = distribution.entropy
        whose = " under the chain" if distribution.labels else ""
        text.append(
            f"{unit.of(nats):.2f} {unit}, {math.exp(nats):.1f} effective choices{whose}", "cyan"
        )
    return text


def _print_heading(
    console: Console, shown: NextToken, unit: Unit, *, with_entropy: bool = True
) -> None:
    console.print(heading(shown, unit, with_entropy=with_entropy))
    if shown.rest:
        possible = [token for token in ranked(shown.logprobs) if shown.logprobs[token] > -np.inf]
        named = ", ".join(shown_symbol(shown.symbols[token]) for token in possible[:NAMED])
        more = ", …" if possible[NAMED:] else ""
        rest = inert(shown.rest_text)
        console.print(f"  {rest!r} is still to be spelt, beginning with {named}{more}", style="dim")


def distribution_table(
    columns: Sequence[Headed],
    order: Ints,
    symbols: Sequence[str],
    width: int,
    unit: Unit = Unit.bits,
    ranks_of: int = 0,
) -> RenderableType:
    """Rows in the given order: rank, token, and the percentage and bar of each distribution.

    A rank is that of the distribution `ranks_of`, whatever the order; what this excludes has none.
    One distribution that stands alone is summed; several have their entropies under them.
    """
    rank = np.argsort(ranked(columns[ranks_of].logprobs))[order] + 1
    under = ["", ""] if len(columns) > 1 else []
    possible = columns[ranks_of].logprobs[order] > -np.inf
    ranks = [str(each) if can_be else "" for each, can_be in zip(rank, possible, strict=True)]
    tokens = order.tolist()
    keys = [
        Column([*ranks, *under], justify="right", style="dim", is_key=True),
        Column([*(shown_symbol(symbols[token]) for token in tokens), *under], is_key=True),
    ]
    shares = [np.exp(column.logprobs)[order] for column in columns]
    headings = [inert(column.heading) if len(columns) > 1 else "p" for column in columns]
    entropies = [_entropy(column.logprobs, unit) if under else [] for column in columns]
    shown = [
        figures([*_percentages(each), *entropy], heading)
        for each, entropy, heading in zip(shares, entropies, headings, strict=True)
    ]
    totals = [figures(_totals(shares[0]), "sum", style="dim")] if len(columns) == 1 else []
    bars = _bars(columns, order, room_beside([*keys, *shown, *totals], width), under)
    beside = [each for pair in zip(shown, bars, strict=True) for each in pair] if bars else shown
    return Table([*keys, *beside, *totals])


def _entropy(logprobs: Floats, unit: Unit) -> list[Text]:
    """What stands under a distribution: an empty line, then its entropy."""
    from rich.text import Text

    return [Text(""), Text(f"{unit.of(entropy(logprobs)):.2f} {unit}", "cyan")]


def _percentages(shares: Floats) -> list[Text]:
    from rich.text import Text

    return [Text(percent(each), "" if each > 0 else "dim") for each in shares.tolist()]


def _totals(shares: Floats) -> list[str]:
    return [f"{100 * total:.1f} %" for total in np.cumsum(shares).tolist()]


def _bars(columns: Sequence[Headed], order: Ints, room: int, under: Sequence[str]) -> list[Column]:
    """A bar beside each figure, all on one scale; none where there is no room for all."""
    width = min(WIDEST_BAR, room // len(columns) - GAP)
    if width < NARROWEST_BAR:
        return []
    peak = max(math.exp(column.logprobs.max()) for column in columns)
    heights = [np.exp(column.logprobs)[order] / peak for column in columns]
    return [
        Column([*(bar(each, width) for each in found.tolist()), *under], style="cyan")
        for found in heights
    ]


def lines_beside(shown: NextToken, columns: int) -> int:
    """How many lines the views here have beside the rows of a distribution, at most."""
    of_columns = columns > 1 or bool(shown.labels)
    return 4 + bool(shown.rest) + 2 * of_columns + len(removed(shown))


def show_distribution(
    console: Console, shown: NextToken, sort: Sort, rows: int | None, unit: Unit = Unit.bits
) -> None:
    """The heading and table of one prefix; below a chain, what each sampler removed."""
    order = order_of(shown.logprobs, sort)
    _print_heading(console, shown, unit)
    console.print()
    columns = columns_of(shown)
    console.print(distribution_table(columns, order[:rows], shown.symbols, console.width, unit))
    _print_hidden(console, shown, order, rows)
    for said in removed(shown):
        console.print(inert(said), style="dim")


def _print_hidden(console: Console, shown: NextToken, order: Any, rows: int | None) -> None:
    hidden = order[rows:] if rows else order[:0]
    if len(hidden):
        left = float(np.exp(shown.final_logprobs[hidden]).sum())
        console.print(f"… {len(hidden)} more, {share(left)}", style="dim")


def removed(shown: NextToken) -> list[str]:
    """For each sampler that removed tokens, how many and which share of what it was given."""
    said, before = [], shown.logprobs
    for label, stage in zip(shown.labels, shown.stages, strict=True):
        gone = (before > -np.inf) & (stage == -np.inf)
        if gone.any():
            lost = share(float(np.exp(before[gone]).sum()))
            said.append(f"{label} removed {counted(int(gone.sum()), 'token')}, {lost}")
        before = stage
    return said


def show_comparison(console: Console, event: Comparison, unit: Unit = Unit.bits) -> None:
    """Several distributions after the same prefix, side by side."""
    columns = [
        Headed(title, each.next.final_logprobs)
        for title, each in zip(titles(event), event.columns, strict=True)
    ]
    first, rows = event.columns[0].next.without_chain(), event.rows
    order = _order_beside(columns, first.logprobs, Sort(event.sort))
    _print_heading(console, first, unit, with_entropy=False)
    console.print()
    console.print(
        distribution_table(columns, order[:rows], first.symbols, console.width, unit, event.present)
    )
    _print_hidden_beside(console, columns, order, rows)
    if event.note:
        console.print(inert(event.note), style="cyan")


def _order_beside(columns: Sequence[Headed], model: Floats, sort: Sort) -> Ints:
    """Token ids: first those to which any of the distributions gives most, then as the model."""
    largest = np.max([column.logprobs for column in columns], axis=0)
    if sort is Sort.alphabet:
        return order_of(largest, sort)
    return np.lexsort((-model, -largest))


def _print_hidden_beside(
    console: Console, columns: Sequence[Headed], order: Ints, rows: int | None
) -> None:
    hidden = order[rows:] if rows else order[:0]
    if len(hidden):
        left = [
            f"{share(float(np.exp(column.logprobs[hidden]).sum()))} ({inert(column.heading)})"
            for column in columns
        ]
        console.print(f"… {len(hidden)} more, {', '.join(left)}", style="dim")


def titles(event: Comparison) -> list[str]:
    """What sets the distributions apart: their temperatures, or else their models."""
    if len({column.temperature for column in event.columns}) > 1:
        return [f"T {column.temperature:g}" for column in event.columns]
    return [column.model_name for column in event.columns]
