"""Showing a session's events with rich; the same views as the commands have."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tokgen.answers import NextToken
from tokgen.cli.analyze import length_law, table_of
from tokgen.cli.bars import percent
from tokgen.cli.distribution import Column, Sort, columns_of, heading, order_of, table
from tokgen.cli.surprisal import painted
from tokgen.cli.terminal import cell, inert
from tokgen.cli.top import ranking
from tokgen.model import Explanation
from tokgen.session_events import (
    Analyzed,
    Best,
    Comparison,
    Completed,
    Distribution,
    Event,
    Explained,
    Names,
    Refused,
    Sampled,
    Scored,
    Told,
    Tree,
)
from tokgen.tree import TreeNode

if TYPE_CHECKING:
    from rich.console import Console

FIGURES_IN_A_ROW = 8


def show_event(console: Console, event: Event) -> None:
    """Print one event."""
    if isinstance(event, Distribution):
        show_distribution(console, event.next, Sort(event.sort), event.rows)
    elif isinstance(event, Comparison):
        show_comparison(console, event)
    elif isinstance(event, Sampled):
        how = " (forced)" if event.forced else ""
        said = f"rank {event.rank}, {percent(event.prob)}, {event.surprisal_bits:.2f} bits{how}"
        console.print(f"  {inert(event.token)}   {said}", style="bold")
    elif isinstance(event, Completed):
        console.print(f"  {completed(event)}", style="bold green")
    elif isinstance(event, Best):
        given = any(each.logprob_drawn not in (None, each.logprob) for each in event.documents)
        console.print(ranking(event.documents, given=given))
    elif isinstance(event, Names):
        for document in event.documents:
            console.print(f"  {cell(document.text):<20} log p {document.logprob:8.2f}")
    elif isinstance(event, Tree):
        show_tree(console, event.root, event.numbers)
    elif isinstance(event, Scored):
        console.print(painted(event.score))
    elif isinstance(event, Explained):
        show_explanation(console, event.context, event.steps)
    elif isinstance(event, Analyzed):
        console.print(table_of(event.figures))
        console.print()
        console.print(length_law(event.figures))
    elif isinstance(event, Told):
        for line in event.text.splitlines():
            console.print(f"  {inert(line)}")
    elif isinstance(event, Refused):
        console.print(inert(event.text), style="red")


def completed(event: Completed) -> str:
    """What there is to say of a finished document."""
    odds = f"one in {math.exp(-event.logprob):,.0f}" if event.logprob > -30 else "very rare"
    said = f"{inert(event.text)} is complete: log p {event.logprob:.2f}, {odds}"
    if event.known is None:
        return said
    if event.known:
        return f"{said}; in the corpus"
    near = f"; nearest: {inert(event.nearest)} ({event.distance} away)" if event.nearest else ""
    return f"{said}; not in the corpus{near}"


def show_distribution(console: Console, shown: NextToken, sort: Sort, rows: int | None) -> None:
    """The heading and table of one prefix; below a chain, what each sampler removed."""
    order = order_of(shown.logprobs, sort)
    console.print(heading(shown))
    console.print()
    console.print(table(columns_of(shown), order[:rows], shown.symbols, console.width))
    _print_hidden(console, shown, order, rows)
    for said in removed(shown):
        console.print(said, style="dim")


def _print_hidden(console: Console, shown: NextToken, order: Any, rows: int | None) -> None:
    hidden = order[rows:] if rows else order[:0]
    if len(hidden):
        left = np.exp(shown.drawn_from[hidden]).sum()
        console.print(f"… {len(hidden)} more, {100 * left:.1f} %", style="dim")


def removed(shown: NextToken) -> list[str]:
    """For each sampler that removed tokens, how many and which share of what it was given."""
    said, before = [], shown.logprobs
    for label, stage in zip(shown.labels, shown.stages, strict=True):
        gone = (before > -np.inf) & (stage == -np.inf)
        if gone.any():
            share = 100 * np.exp(before[gone]).sum()
            said.append(f"{label} removed {int(gone.sum())} tokens, {share:.1f} %")
        before = stage
    return said


def show_comparison(console: Console, event: Comparison) -> None:
    """Several distributions after the same prefix, side by side."""
    pairs = zip(event.titles, event.distributions, strict=True)
    columns = [Column(title, each.drawn_from) for title, each in pairs]
    first = event.distributions[0].without_chain()
    order = order_of(first.logprobs, Sort(event.sort))
    console.print(heading(first))
    console.print()
    console.print(table(columns, order[: event.rows], first.symbols, console.width))
    if event.note:
        console.print(event.note, style="cyan")


def show_tree(console: Console, root: TreeNode, numbers: dict[str, int]) -> None:
    """The tree with a probability on each edge, the path's at the end of the line."""
    from rich.text import Text
    from rich.tree import Tree as RichTree

    def grow(branch: RichTree, children: Sequence[TreeNode]) -> None:
        for child in children:
            label = Text(f"{inert(child.token)} {percent(child.prob)}", "bold")
            if child.ended:
                label.append(f"  {inert(child.text[: -len(child.token)])}", "green")
            elif child.text in numbers:
                label.append(f"  [{numbers[child.text]}]", "cyan")
            label.append(f"  {percent(child.path_prob)}", "dim")
            grow(branch.add(label), child.children)

    drawn = RichTree(Text(inert(root.text) or "(beginning)", "bold reverse"))
    grow(drawn, root.children)
    console.print(drawn)


def show_explanation(console: Console, context: str, steps: Sequence[Explanation]) -> None:
    """Each step's figures; of long vectors the first, and how many there are."""
    console.print(f"  the model sees {inert(context)}", style="bold")
    for step in steps:
        shape = " × ".join(map(str, step.values.shape))
        console.print(f"  {inert(step.name)} ({shape})", style="cyan")
        if step.values.ndim == 2:
            for label, row in zip(step.rows, step.values, strict=True):
                console.print(f"    {inert(label)}  {_figures(row[:FIGURES_IN_A_ROW])} …")
        elif step.rows:
            order = np.argsort(-step.values, kind="stable")[:FIGURES_IN_A_ROW]
            labels = [inert(step.rows[place]) for place in order.tolist()]
            for line in _highest(labels, step.values[order].tolist(), console.width - 4):
                console.print(f"    {line}")
        else:
            console.print(f"    {_figures(step.values[:FIGURES_IN_A_ROW])} …")


def _figures(values: Any) -> str:
    return " ".join(f"{value:6.2f}" for value in values.tolist())


def _highest(labels: Sequence[str], values: Sequence[float], width: int) -> list[str]:
    """The labels with their values, in lines that break between pairs alone."""
    unbroken = "\N{NO-BREAK SPACE}"
    pairs = (f"{label}{unbroken}{value:.3f}" for label, value in zip(labels, values, strict=True))
    lines = textwrap.wrap(f"highest: {'  '.join(pairs)}", width, subsequent_indent=" " * 9)
    return [line.replace(unbroken, " ") for line in lines]
