"""Commands that look at the model from here and change nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions, parse_conditions
from tokgen.session.commands.command import Command, needed, whole
from tokgen.session.events import Analyzed, Best, Comparison, Event, Explained, Names, Scored
from tokgen.session.state import State
from tokgen.text_model.analysis import analyze

DEFAULT_COUNT = 10


def _names(state: State, rest: str) -> Iterator[Event]:
    words = rest.split()
    unique = "unique" in words
    count, conditions = _counted([word for word in words if word != "unique"])
    documents = state.model.generate(
        count,
        prefix=state.text(),
        seed=state.settings.seed,
        samplers=state.settings.chain,
        conditions=conditions,
        unique=unique,
    )
    yield Names(tuple(documents))


def _top(state: State, rest: str) -> Iterator[Event]:
    count, conditions = _counted(rest.split())
    found = state.model.top(state.text(), state.settings.chain, conditions, count=count)
    yield Best(tuple(found))


def _counted(words: list[str]) -> tuple[int, Conditions]:
    """How many documents, and what they must fulfil."""
    if words and words[0].isdecimal():
        return int(words[0]), parse_conditions(words[1:])
    if words and "=" not in words[0] and words[0] != "novel":
        whole(words[0], "number of names")
    return DEFAULT_COUNT, parse_conditions(words)


def _analyze(state: State, rest: str) -> Iterator[Event]:
    conditions = parse_conditions(rest.split())
    source = state.model.source(state.text(), state.settings.chain, conditions)
    yield Analyzed(analyze(state.model, source))


def _why(state: State, rest: str) -> Iterator[Event]:
    steps = state.model.explain(state.text())
    yield Explained(state.distribution().next.context, tuple(steps))


def _score(state: State, rest: str) -> Iterator[Event]:
    yield Scored(state.model.score(rest or state.text()))


def _compare(state: State, rest: str) -> Iterator[Event]:
    name = needed(rest, ":compare MODEL")
    other = state.open_model(replace(state.request, model=name, checkpoint=None))
    ours, theirs = state.model.next(state.text()), other.next(state.text())
    if ours.symbols != theirs.symbols:
        raise RequestError(f"{name!r} has other tokens than this model.")
    bits = float((np.exp(ours.logprobs) * (ours.logprobs - theirs.logprobs)).sum()) / math.log(2)
    apart = ", the samplers left out" if state.settings.chain.samplers else ""
    note = f"KL divergence of the next token {bits:.4f} bits{apart}"
    titles = (state.model.metadata.model.name, name)
    settings = state.settings
    yield Comparison(titles, (ours, theirs), settings.sort, settings.rows, note)


CONDITIONS = "[length=4..6 suffix=… pattern=… novel]"
LOOKING = {
    "names": Command(f":names [N] {CONDITIONS}", "generate documents from here", _names),
    "top": Command(f":top [N] {CONDITIONS}", "the most probable documents, exactly", _top),
    "why": Command(":why", "how the model comes to this distribution", _why),
    "score": Command(":score [TEXT]", "surprisal of each token", _score),
    "analyze": Command(":analyze [length=… …]", "exact figures of what follows", _analyze),
    "compare": Command(":compare MODEL", "two models side by side", _compare),
}
