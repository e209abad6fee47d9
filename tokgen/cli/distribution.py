"""The distribution over the next token as a table: `next`, the REPL and the chain view share it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from tokgen.answers import NextToken
from tokgen.cli.bars import bar, percent
from tokgen.cli.terminal import inert
from tokgen.model import Floats, Ints

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WIDEST_BAR, NARROWEST_BAR = 40, 3


class Sort(StrEnum):
    """The order of a distribution's rows."""

    probability = "probability"
    alphabet = "alphabet"


@dataclass(frozen=True)
class Column:
    """One distribution (V,) under its heading."""

    heading: str
    logprobs: Floats


def order_of(logprobs: Floats, sort: Sort) -> Ints:
    """Token ids in the order in which they are listed."""
    if sort is Sort.alphabet:
        return np.arange(len(logprobs))
    return np.argsort(-logprobs, kind="stable")


def columns_of(shown: NextToken) -> list[Column]:
    """The model's distribution, and what each sampler makes of it."""
    stages = zip(shown.labels, shown.stages, strict=True)
    return [Column("model", shown.logprobs), *(Column(label, stage) for label, stage in stages)]


def heading(distribution: NextToken) -> RenderableType:
    """The prefix with the window that the model sees, entropy and effective number of choices."""
    from rich.text import Text

    text = Text("  ")
    unseen = len(distribution.tokens) - distribution.seen
    text.append(inert("".join(distribution.tokens[:unseen])), "dim")
    text.append(inert("".join(distribution.tokens[unseen:])), "bold reverse")
    text.append("▏", "dim")
    bits = distribution.entropy / math.log(2)
    seen = inert(distribution.context) or "no context"
    text.append(f"   the model sees {seen}   ")
    text.append(f"{bits:.2f} bits, {2**bits:.1f} effective choices", "cyan")
    return text


def table(columns: Sequence[Column], order: Ints, symbols: Sequence[str], width: int) -> Table:
    """Rows in the given order: rank, token, and each column's percentage and bar."""
    from rich.cells import cell_len
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="dim", show_header=len(columns) > 1)
    grid.add_column("", justify="right", style="dim")
    grid.add_column("", min_width=max(map(cell_len, symbols)))
    for column in columns:
        grid.add_column(column.heading, justify="right", no_wrap=True)
        grid.add_column("")
    if len(columns) == 1:
        grid.add_column("", justify="right", style="dim")
    bar_width = _bar_width(columns, width)
    peak = max(math.exp(column.logprobs.max()) for column in columns)
    total = 0.0
    for rank, token in enumerate(order.tolist(), start=1):
        cells: list[Any] = [str(rank), inert(symbols[token])]
        for column in columns:
            probability = math.exp(column.logprobs[token])
            cells += _cells(probability, bar(probability / peak, bar_width))
        if len(columns) == 1:
            total += math.exp(columns[0].logprobs[token])
            cells.append(f"{100 * total:.1f}")
        grid.add_row(*cells)
    return grid


def _bar_width(columns: Sequence[Column], width: int) -> int:
    """Cells that are left for each bar when ranks, tokens and figures have theirs; none if few."""
    figures = sum(max(len(column.heading), len("100.0 %")) + 4 for column in columns)
    left = (width - len("27  x ") - len(" 100.0") - figures) // len(columns)
    return min(WIDEST_BAR, left) if left >= NARROWEST_BAR else 0


def _cells(probability: float, drawn: str) -> list[Any]:
    from rich.text import Text

    style = "" if probability > 0 else "dim"
    return [Text(percent(probability), style), Text(drawn, "cyan")]


def as_json(distribution: NextToken, temperature: float) -> dict[str, Any]:
    """One `next --json` object: the distribution that is drawn from, most probable first."""
    entry = {
        "prefix": distribution.prefix,
        "context": distribution.context,
        "temperature": temperature,
        "entropy_bits": distribution.entropy / math.log(2),
        "next": tokens_as_json(distribution.drawn_from, distribution.symbols),
    }
    if distribution.stages:
        entry["model"] = tokens_as_json(distribution.logprobs, distribution.symbols)
        entry["stages"] = [
            {"sampler": label, "next": tokens_as_json(stage, distribution.symbols)}
            for label, stage in zip(distribution.labels, distribution.stages, strict=True)
        ]
    return entry


def tokens_as_json(logprobs: Floats, symbols: Sequence[str]) -> list[dict[str, Any]]:
    """Each token with its probability and log-probability (nats), most probable first."""
    return [
        {
            "token": symbols[token],
            "prob": math.exp(logprobs[token]),
            "logprob": float(logprobs[token]),
        }
        for token in order_of(logprobs, Sort.probability).tolist()
    ]
