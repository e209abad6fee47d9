"""Showing a session's events with rich; the same views as the commands have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tokgen.cli.terminal import cell, hanging
from tokgen.cli.views.analysis import show_figures
from tokgen.cli.views.cross_entropy import guessing, worked_out
from tokgen.cli.views.distribution import Sort, show_comparison, show_distribution
from tokgen.cli.views.embedding_map import show_map
from tokgen.cli.views.embeddings import embedding_table, similar
from tokgen.cli.views.explanation import show_explanation
from tokgen.cli.views.gradient_step import show_step
from tokgen.cli.views.ranking import GIVEN, ranking
from tokgen.cli.views.surprisal import log_p, painted
from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.cli.views.tree import show_tree
from tokgen.cli.views.watched_training import LossCurve
from tokgen.errors import counted
from tokgen.percentages import percent
from tokgen.session.comparison import Comparison
from tokgen.session.events import (
    Analyzed,
    Best,
    Completed,
    Distribution,
    Event,
    Explained,
    Judged,
    Learnt,
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
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console

# So wide that the figures of many events of documents below each other stand in one column.
USUAL_TEXT = 24


WHY_IT_ROSE = (
    " It rose: the steps began with a new optimiser and schedule. A few such steps undo a part of "
    "what a long training had reached, and very many can overfit."
)


def show_event(console: Console, event: Event, unit: Unit | None = None) -> None:
    """Print one event, its figures in a unit, or each in the one that is usual for it."""
    bits, nats = unit or Unit.bits, unit or Unit.nats
    if isinstance(event, Distribution):
        show_distribution(console, event.next, Sort(event.sort), event.rows, bits)
    elif isinstance(event, Comparison):
        show_comparison(console, event, bits)
    elif isinstance(event, Sampled):
        console.print(f"  {shown_symbol(event.token)}   {_chosen(event, bits)}", style="bold")
    elif isinstance(event, Completed):
        _say(console, completed(event, nats), indent="  ", style="bold green")
    elif isinstance(event, Best):
        given = any(each.logprob_drawn not in (None, each.logprob) for each in event.documents)
        console.print(ranking(event.documents, first=event.first, given=given, unit=nats))
        if given and event.first == 1:
            _say(console, GIVEN, style="dim")
    elif isinstance(event, Names):
        console.print(_names(event, nats))
    elif isinstance(event, Tree):
        show_tree(console, event.root, event.numbers)
    elif isinstance(event, Scored):
        console.print(painted(event.score, bits))
    elif isinstance(event, WorkedOut):
        console.print(worked_out(event.document, nats))
        console.print(guessing(event.document.uniform, nats))
    elif isinstance(event, Stepped):
        show_step(console, event.step, nats, event.rows)
    elif isinstance(event, Mapped):
        show_map(console, event.map)
        if event.better is not None:
            console.print(inert(event.better))
    elif isinstance(event, Tabled):
        console.print(embedding_table(event.space))
    elif isinstance(event, Nearby):
        console.print(similar(event.similar))
    elif isinstance(event, Learnt):
        console.print(LossCurve.of(event.history, event.beside, nats))
    elif isinstance(event, Retrained):
        _say(console, retrained(event, nats), indent="  ", style="bold")
    elif isinstance(event, Judged):
        _say(console, " ".join(event.verdict.sentences(nats)), indent="  ")
    elif isinstance(event, Explained):
        show_explanation(console, event.next, event.steps)
    elif isinstance(event, Analyzed):
        show_figures(console, event.figures, bits)
    elif isinstance(event, Told):
        _say(console, event.text, indent="  ")
    elif isinstance(event, Refused):
        _say(console, event.text, style="red")


def _say(console: Console, text: str, *, indent: str = "", style: str = "") -> None:
    """Sentences, in whose lines no path is broken."""
    for line in text.splitlines():
        shown = "\n".join(hanging(f"{indent}{inert(line)}", console.width))
        console.print(shown, style=style, soft_wrap=True)


def _chosen(event: Sampled, unit: Unit) -> str:
    """How probable the token was; where a chain made it another figure than the model's, both."""
    rank, surprisal, share = (
        f"rank {event.rank}",
        f"{unit.of(event.surprisal_bits * math.log(2)):.2f} {unit}",
        percent(event.prob),
    )
    if event.prob_drawn is None:
        return f"{rank}, {share}, {surprisal} (forced)"
    if math.isclose(event.prob_drawn, event.prob, rel_tol=1e-9):
        return f"{rank}, {share}, {surprisal}"
    return f"{rank}, {surprisal}, {share} of the model, {percent(event.prob_drawn)} as drawn"


def _names(event: Names, unit: Unit) -> Table:
    texts = [f"  {cell(document.text)}".ljust(USUAL_TEXT) for document in event.documents]
    logprobs = [f"{unit.log} p {unit.of(document.logprob):8.2f}" for document in event.documents]
    return Table([Column(texts, least=LEAST_TEXT), Column(logprobs)])


def retrained(event: Retrained, unit: Unit = Unit.nats) -> str:
    """How far the training came, and what it did to the loss."""
    if event.asked is None:
        done = "The model has the random weights of a training's beginning"
    elif event.steps < event.asked:
        done = f"Stopped after {event.steps:,} of {event.asked:,} steps"
    else:
        done = f"Trained for {counted(event.steps, 'step')} more"
    before, after = unit.of(event.loss_before), unit.of(event.loss_after)
    losses = f"{before:.4f} → {after:.4f} {unit} per token"
    rose = WHY_IT_ROSE if event.steps and event.loss_after > event.loss_before else ""
    return f"{done}: {event.split} loss {losses}.{rose}"


def completed(event: Completed, unit: Unit = Unit.nats) -> str:
    """What there is to say of a finished document."""
    odds = f"one in {math.exp(-event.logprob):,.0f}" if event.logprob > -30 else "very rare"
    said = f"{inert(event.text)} is complete: {log_p(event.logprob, unit)}, {odds}"
    if event.known is None:
        return said
    if event.known:
        return f"{said}; in the corpus"
    near = f"; nearest: {inert(event.nearest)} ({event.distance} away)" if event.nearest else ""
    return f"{said}; not in the corpus{near}"
