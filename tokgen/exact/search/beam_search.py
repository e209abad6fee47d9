"""Beam search: documents that are among the most probable ones, found without looking at all.

Of the prefixes of one length only the `width` most probable ones go on (Lowerre 1976; for neural
models Sutskever et al. 2014). A document counts with its log-probability, its end included, and is
not divided by its length: so a short one is not made up for. Nothing is drawn; the same model gives
the same documents. What begins improbably may be missed: where at each length no more than `width`
prefixes are as probable as the last document that is wanted, nothing is, and the documents are the
most probable ones of all.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints, largest
from tokgen.exact.automaton import Automaton
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search.beam import BEGINNING, Columns, Trail
from tokgen.exact.search.rejection import AcceptsEach
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Growth


@dataclass(frozen=True, eq=False)
class _Live(Columns):
    """The prefixes of one length that go on, in the order of their ids.

    Attributes:
        logprobs: of what was drawn, nats.
        states: of the automaton.
        steps: the last token of each in the trail.
    """

    logprobs: Floats
    states: Ints
    steps: Ints


@dataclass(frozen=True, eq=False)
class _Opened(Columns):
    """The tokens that may follow, each with the row of its prefix; otherwise as `_Live`."""

    parents: Ints
    tokens: Ints
    logprobs: Floats
    states: Ints


def most_probable_by_beam(
    growth: Growth,
    automaton: Automaton,
    accepts_each: AcceptsEach,
    width: int,
    room: int,
) -> list[ScoredIds]:
    """At most `width` documents of at most `room` tokens, the most probable that a beam finds.

    Of equals the one whose ids are lower comes first. Only those that the automaton allows and
    `accepts_each` takes; their log-probabilities are not given that.

    Args:
        growth: one sequence, nothing drawn yet.
    """
    end = growth.model.vocabulary.terminator_id
    nothing = np.zeros(1, np.int64)
    live = _Live(np.zeros(1), nothing + automaton.start, nothing + BEGINNING)
    trail, found = Trail(), list[ScoredIds]()
    for length in range(room + 1):
        opened = _opened(live, growth.final_logprobs, automaton, end)
        ended = opened.tokens == end
        found = _best(found + _documents(live, opened.select(ended), trail, accepts_each), width)
        going = opened.select(~ended)
        going = going.select(largest(going.logprobs, width))
        # No document is more probable than what it begins with.
        if len(found) == width and not (going.logprobs >= found[-1].logprob).any():
            return found
        if length == room or not len(going):
            return found
        steps = trail.add(live.steps[going.parents], going.tokens)
        growth = growth.after(going.parents, going.tokens)
        live = _Live(going.logprobs, going.states, steps)
    return found


def _opened(live: _Live, rows: Floats, automaton: Automaton, end: int) -> _Opened:
    """All that may follow the prefixes, in the order of their ids."""
    successors = automaton.rows(live.states)
    allowed = successors != NOWHERE
    allowed[:, end] = automaton.accepts(live.states)
    allowed &= rows > -np.inf
    parents, tokens = np.nonzero(allowed)
    logprobs = live.logprobs[parents] + rows[parents, tokens]
    return _Opened(parents, tokens, logprobs, successors[parents, tokens].astype(np.int64))


def _documents(
    live: _Live, ended: _Opened, trail: Trail, accepts_each: AcceptsEach
) -> list[ScoredIds]:
    paths = trail.paths(live.steps[ended.parents])
    pairs = zip(paths, ended.logprobs.tolist(), strict=True)
    found = [ScoredIds(path, logprob) for path, logprob in pairs]
    return [*itertools.compress(found, accepts_each([each.tokens for each in found]))]


def _best(documents: list[ScoredIds], count: int) -> list[ScoredIds]:
    return sorted(documents, key=lambda each: (-each.logprob, each.tokens))[:count]
