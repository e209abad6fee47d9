"""Showing a session's events with rich; the same views as the commands have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tokgen.cli.terminal import cell
from tokgen.cli.views.analysis import show_figures
from tokgen.cli.views.bars import percent
from tokgen.cli.views.cross_entropy import guessing, worked_out
from tokgen.cli.views.distribution import Sort, show_comparison, show_distribution
from tokgen.cli.views.embedding_map import show_map
from tokgen.cli.views.embeddings import embedding_table, similar
from tokgen.cli.views.explanation import show_explanation
from tokgen.cli.views.gradient_step import show_step
from tokgen.cli.views.ranking import ranking
from tokgen.cli.views.surprisal import painted
from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.cli.views.tree import show_tree
from tokgen.errors import counted
from tokgen.session.events import (
    Analyzed,
    Best,
    Comparison,
    Completed,
    Distribution,
    Event,
    Explained,
    Mapped,
    Names,
    Nearby,
    Refused,
    Retrained,
    Sampled,
    Scored,
    Stepped,
    Tabled,
    Told,
    Tree,
    WorkedOut,
)
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from rich.console import Console

# So wide that the figures of many events of documents below each other stand in one column.
USUAL_TEXT = 24


def show_event(console: Console, event: Event) -> None:
    """Print one event."""
    if isinstance(event, Distribution):
        show_distribution(console, event.next, Sort(event.sort), event.rows)
    elif isinstance(event, Comparison):
        show_comparison(console, event)
    elif isinstance(event, Sampled):
        console.print(f"  {shown_symbol(event.token)}   {_chosen(event)}", style="bold")
    elif isinstance(event, Completed):
        console.print(f"  {completed(event)}", style="bold green")
    elif isinstance(event, Best):
        given = any(each.logprob_drawn not in (None, each.logprob) for each in event.documents)
        console.print(ranking(event.documents, first=event.first, given=given))
    elif isinstance(event, Names):
        console.print(_names(event))
    elif isinstance(event, Tree):
        show_tree(console, event.root, event.numbers)
    elif isinstance(event, Scored):
        console.print(painted(event.score))
    elif isinstance(event, WorkedOut):
        console.print(worked_out(event.document))
        console.print(guessing(event.document.uniform))
    elif isinstance(event, Stepped):
        show_step(console, event.step)
    elif isinstance(event, Mapped):
        show_map(console, event.map)
        if event.better is not None:
            console.print(inert(event.better))
    elif isinstance(event, Tabled):
        console.print(embedding_table(event.space))
    elif isinstance(event, Nearby):
        console.print(similar(event.similar))
    elif isinstance(event, Retrained):
        console.print(f"  {retrained(event)}", style="bold")
    elif isinstance(event, Explained):
        show_explanation(console, event.next, event.steps)
    elif isinstance(event, Analyzed):
        show_figures(console, event.figures)
    elif isinstance(event, Told):
        for line in event.text.splitlines():
            console.print(f"  {inert(line)}")
    elif isinstance(event, Refused):
        console.print(inert(event.text), style="red")


def _chosen(event: Sampled) -> str:
    """How probable the token was; where a chain made it another figure than the model's, both."""
    rank, bits, share = (
        f"rank {event.rank}",
        f"{event.surprisal_bits:.2f} bits",
        percent(event.prob),
    )
    if event.prob_drawn is None:
        return f"{rank}, {share}, {bits} (forced)"
    if math.isclose(event.prob_drawn, event.prob, rel_tol=1e-9):
        return f"{rank}, {share}, {bits}"
    return f"{rank}, {bits}, {share} of the model, {percent(event.prob_drawn)} as drawn"


def _names(event: Names) -> Table:
    texts = [f"  {cell(document.text)}".ljust(USUAL_TEXT) for document in event.documents]
    logprobs = [f"log p {document.logprob:8.2f}" for document in event.documents]
    return Table([Column(texts, least=LEAST_TEXT), Column(logprobs)])


def retrained(event: Retrained) -> str:
    """How far the training came, and what it did to the loss."""
    if event.asked is None:
        done = "The model has the random weights of a training's beginning"
    elif event.steps < event.asked:
        done = f"Stopped after {event.steps:,} of {event.asked:,} steps"
    else:
        done = f"Trained for {counted(event.steps, 'step')} more"
    losses = f"{event.loss_before:.4f} → {event.loss_after:.4f} nats per token"
    return f"{done}: {event.split} loss {losses}."


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
