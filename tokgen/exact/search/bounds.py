"""What can be said of a model that is no finite chain, from its likeliest prefixes.

Length by length the most probable prefixes are looked at. They are the states of a chain, and one
state more stands for all that was not looked at: so every figure is a bound, this much at least,
and at most that mass more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tokgen.arrays import Floats, Ints, largest
from tokgen.exact.automaton import Automaton
from tokgen.exact.markov.length_law import Visits
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import row_entropies
from tokgen.exact.search.rejection import AcceptsEach
from tokgen.exact.search.watch import searches
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

MAX_PREFIX_TOKENS = 256
NEGLIGIBLE = 1e-6
UNKNOWN = -2


@dataclass(frozen=True, eq=False)
class Explored:
    """Prefixes that were looked at, as a chain that goes no further than they do.

    Attributes:
        chain: a state for each prefix, level by level; the last state is all that is unknown.
            What is refused has no probability, so that rows need not sum to one.
        levels: for each length from 1 on, the `parents` (B,) among the level before and `tokens`.
    """

    chain: MarkovChain
    levels: tuple[tuple[Ints, Ints], ...]

    @cached_property
    def visits(self) -> Visits:
        """The mass that comes to each prefix and to the unknown, and of whole documents by length.

        Level by level, so that no mass is too small to be followed.
        """
        masses, begin, unknown = np.ones(1), 0, len(self.chain) - 1
        states, lengths = np.zeros(len(self.chain)), []
        for step in [*self.levels, None]:
            part = slice(begin, begin + len(masses))
            begin = part.stop
            states[part] = masses
            flow = masses[:, None] * np.exp(self.chain.logprobs[part])
            lengths.append(float(flow[:, self.chain.terminator_id].sum()))
            states[unknown] += flow[self.chain.successors[part] == unknown].sum()
            if step is not None:
                masses = flow[step]
        return Visits(states, np.array(lengths))

    @property
    def unexplored(self) -> float:
        """The mass of all that was not looked at; of what is refused in it, nothing is known."""
        return float(self.visits.states[-1])

    @property
    def ending(self) -> tuple[float, float]:
        """The least and the greatest probability that the allowed documents can have.

        The greatest is that where all that was not looked at ends well.
        """
        least = float(self.visits.lengths.sum())
        return least, least + self.unexplored

    @property
    def entropy_at_least(self) -> float:
        """A bound of the entropy of whole documents, nats, where nothing is refused.

        By the chain rule: what is still open after the prefixes only adds to it.
        """
        return float(self.visits.states @ row_entropies(self.chain))

    @property
    def expected_length_at_least(self) -> float:
        """A bound of the expected number of tokens, where nothing is refused."""
        return float(self.visits.states[1:].sum())


def explore(
    model: LanguageModel,
    samplers: SamplerChain,
    beginning: Beginning,
    automaton: Automaton,
    width: int,
) -> Explored:
    """Look at the `width` most probable prefixes of each length that the automaton allows.

    No longer ones than the model can read.
    """
    end, size = model.vocabulary.terminator_id, model.vocabulary.size
    growth = Growth.begin(model, samplers, beginning)
    masses, places, count = np.ones(1), np.array([automaton.start]), 1
    tables, rows, levels = [], [], []
    room = room_after(model, len(beginning.ids))
    longest = MAX_PREFIX_TOKENS if room is None else min(MAX_PREFIX_TOKENS, room + 1)
    for length in range(longest):
        logprobs = growth.final_logprobs.copy()  # (B, V)
        after = automaton.rows(places)
        refused = after == NOWHERE
        refused[:, end] = ~automaton.accepts(places)
        logprobs[refused] = -np.inf
        branches = masses[:, None] * np.exp(logprobs)
        branches[:, end] = 0.0
        kept = _largest(branches.ravel(), width)
        if branches.ravel()[kept].sum() < NEGLIGIBLE:
            kept = kept[:0]
        table = np.where(branches > 0, UNKNOWN, NOWHERE)
        table.ravel()[kept] = count + np.arange(len(kept))
        count += len(kept)
        rows.append(logprobs)
        tables.append(table)
        if not len(kept) or length == longest - 1:
            break
        parents, tokens = kept // size, kept % size
        levels.append((parents, tokens))
        masses, places = branches[parents, tokens], after[parents, tokens].astype(np.int64)
        growth = growth.after(parents, tokens)
        searches.tell(count)
    return Explored(_chain(rows, tables, end), tuple(levels))


def accepted_only(explored: Explored, accepts_each: AcceptsEach) -> Explored:
    """The same prefixes, where only documents that are accepted may end."""
    chain, end = explored.chain, explored.chain.terminator_id
    logprobs = chain.logprobs.copy()
    ending = np.flatnonzero(logprobs[:, end] > -np.inf)
    paths = [*_paths(explored.levels)]
    fits = np.array(accepts_each([paths[state] for state in ending.tolist()]), bool)
    logprobs[ending[~fits], end] = -np.inf
    return replace(explored, chain=replace(chain, logprobs=logprobs))


def _paths(levels: Sequence[tuple[Ints, Ints]]) -> Iterator[tuple[int, ...]]:
    """The tokens that lead to each prefix, in the order of their states."""
    before: list[tuple[int, ...]] = [()]
    yield ()
    for parents, tokens in levels:
        pairs = zip(parents.tolist(), tokens.tolist(), strict=True)
        before = [(*before[parent], token) for parent, token in pairs]
        yield from before


def _chain(rows: list[Floats], tables: list[Ints], end: int) -> MarkovChain:
    """The levels one after the other, and the unknown state."""
    nothing = np.full((1, rows[0].shape[1]), -np.inf)
    successors = np.concatenate([*tables, np.full(nothing.shape, NOWHERE)])
    logprobs = np.concatenate([*rows, nothing])
    # Where the last level was cut off, its children were numbered but never looked at.
    unknown = len(logprobs) - 1
    successors[(successors == UNKNOWN) | (successors > unknown)] = unknown
    return MarkovChain(logprobs, successors.astype(np.int32), end)


def divergence_at_least(
    explored: Explored, model: LanguageModel, samplers: SamplerChain, beginning: Beginning
) -> float:
    """A bound of the KL divergence of whole documents, nats, from what was explored to a model.

    By the chain rule, of the prefixes that were looked at; the others only add to it. Infinite
    where the model cannot do what was looked at.
    """
    growth = Growth.begin(model, samplers, beginning)
    total, begin = 0.0, 0
    for step in [None, *explored.levels]:
        if step is not None:
            growth = growth.after(*step)
        theirs = growth.final_logprobs
        part = slice(begin, begin + len(theirs))
        ours, mass = explored.chain.logprobs[part], explored.visits.states[part]
        with np.errstate(invalid="ignore"):
            gaps = np.where(ours > -np.inf, np.exp(ours) * (ours - theirs), 0.0)
        total += float(mass @ gaps.sum(axis=1))
        begin = part.stop
    return total


def _largest(values: Floats, count: int) -> Ints:
    """Where the largest positive values stand, at most `count` of them, ascending."""
    positive = np.flatnonzero(values > 0)
    return positive[largest(values[positive], count)]
