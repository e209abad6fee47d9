"""Choosing tokens in a session: drawn, forced, or drawn until the document ends."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tokgen.errors import RequestError
from tokgen.generation.grow import draw_tokens
from tokgen.session.events import Completed, Event, Sampled, Told
from tokgen.session.node import Node
from tokgen.session.state import State
from tokgen.text_model.beginning import can_follow
from tokgen.text_model.results import NextToken, ranked

LONGEST = 200
SHOWN_CHOICES = 8


def sample(state: State) -> Iterator[Event]:
    """Draw one token: the n-th draw from a place uses sequence n of the seed law."""
    place = state.place
    sequence = np.array([state.draws[place]])
    drawn = draw_tokens(state.growth(), np.zeros(1, np.int64), state.settings.seed, sequence)
    events = _take(state, int(drawn[0]), forced=False)
    sampled = next(events)
    state.draws[place] += 1
    yield sampled
    yield from events


def force(state: State, token: int) -> Iterator[Event]:
    """Choose a token, whatever its probability.

    Raises:
        RequestError: it does not spell what is left of the prefix.
    """
    if not can_follow(state.prefix().beginning, [token]):
        raise RequestError(_does_not_spell(state, token))
    yield from _take(state, token, forced=True)


def run(state: State) -> Iterator[Event]:
    """Sample until the document ends, or for so long that a person would rather be asked."""
    for _ in range(LONGEST):
        ended = False
        for event in sample(state):
            ended = ended or isinstance(event, Completed)
            if ended or isinstance(event, Sampled):
                yield event
        if ended:
            return
    yield Told(f"After {LONGEST} tokens more the document has not ended: :run goes on from here.")
    yield state.distribution()


def _take(state: State, token: int, *, forced: bool) -> Iterator[Event]:
    """Go on with a token; a terminator completes the document and leads back to its prefix."""
    before = state.place
    sampled = _chosen(state.next(), token, forced=forced)
    ended = token == state.model.tokenizer.terminator_id
    shown = state.complete(before) if ended else state.move(before.after(token))
    state.undone.clear()
    yield sampled
    if ended:
        yield _completed(state, before)
    yield shown


def _chosen(following: NextToken, token: int, *, forced: bool) -> Sampled:
    logprob = float(following.logprobs[token])
    rank = int(np.flatnonzero(ranked(following.logprobs) == token)[0]) + 1
    bits = abs(logprob) / math.log(2)
    drawn = None if forced else math.exp(following.final_logprobs[token])
    return Sampled(following.symbols[token], rank, math.exp(logprob), bits, forced, drawn)


def _completed(state: State, place: Node) -> Completed:
    """A place as a whole document, beside its corpus."""
    start = len(state.model.tokenizer.vocabulary.beginning)
    score = state.model.score_ids(state.prefix(place).beginning.ids[start:])
    known = state.known()
    if known is None:
        return Completed(score.text, score.logprob, None, None, None)
    near = state.nearest(score.text)
    return Completed(score.text, score.logprob, score.text in known, near.text, near.distance)


def _does_not_spell(state: State, token: int) -> str:
    symbols, here = state.model.tokenizer.symbols, state.prefix().beginning
    rest = here.rest.decode("utf-8", errors="replace")
    fitting = [symbol for number, symbol in enumerate(symbols) if can_follow(here, [number])]
    named = ", ".join([*fitting[:SHOWN_CHOICES], *["…"][: len(fitting) > SHOWN_CHOICES]])
    return (
        f"The token {symbols[token]!r} does not spell {rest!r}, which is left of the prefix. "
        f"There are: {named}."
    )
