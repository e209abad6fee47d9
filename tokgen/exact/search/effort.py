"""How much a search will cost, estimated from a few drawn documents before it is made.

Documents are grown in which a token that the automaton refuses is never drawn. Each then has a
weight, the product of what the model leaves to the tokens allowed at each step, and a mean of
weights estimates a probability under the model alone (importance sampling; Kahn & Marshall 1953).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen import rng
from tokgen.arrays import Floats, Ints
from tokgen.exact.automaton import Automaton
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Growth

DRAWN, TRIED = 512, 64
FOLLOWED = 256
LANE = (1 << 32) + 1


@dataclass(frozen=True, eq=False)
class Effort:
    """What a search meets, estimated.

    Attributes:
        mass: the probability of what the automaton allows.
        weights: of the prefixes grown that could go on, all lengths together (N,).
        logprobs: the model's own of the same prefixes (N,), nats.
        seconds_a_prefix: what asking the model and choosing tokens took.
    """

    mass: float
    weights: Floats
    logprobs: Floats
    seconds_a_prefix: float

    def prefixes(self, count: int) -> float:
        """How many different prefixes `count` independent documents make the search look at.

        For one of them, a prefix of probability p is looked at with the probability
        1 - exp(-p E / mass), E being a standard exponential variable. For all of them, E is taken
        to be their number.
        """
        if not self.mass:
            return float("inf")
        probabilities = np.exp(self.logprobs)
        looked_at = -np.expm1(-probabilities * (count / self.mass))
        positive = probabilities > 0
        shares = self.weights[positive] * looked_at[positive] / probabilities[positive]
        return float(shares.sum()) / DRAWN


def estimated(growth: Growth, automaton: Automaton, room: int | None) -> Effort:
    """The effort of a search from here on.

    Args:
        growth: one sequence, nothing drawn yet.
        room: how many tokens may follow; None is any number.
    """
    began, asked, mass = time.perf_counter(), 0, 0.0
    weights, logprobs = list[Floats](), list[Floats]()
    log_weights, own = np.zeros(DRAWN), np.zeros(DRAWN)
    for step in _steps(growth, automaton, room, DRAWN):
        weights.append(np.exp(log_weights))
        logprobs.append(own)
        asked += len(step.tokens)
        mass += float(np.exp(log_weights + step.left)[step.ended].sum()) / DRAWN
        own = (own + step.rows[np.arange(len(step.rows)), step.tokens])[step.goes_on]
        log_weights = (log_weights + step.left)[step.goes_on]
    seconds = (time.perf_counter() - began) / asked
    return Effort(mass, np.concatenate(weights), np.concatenate(logprobs), seconds)


def leads_nowhere(growth: Growth, automaton: Automaton, room: int | None) -> bool:
    """Whether each of a few documents comes to a place where no token may follow.

    It proves nothing of the others; `estimated` explains the arguments.
    """
    goes_on = True
    for step in _steps(growth, automaton, room, TRIED):
        if step.ended.any():
            return False
        goes_on = bool(step.goes_on.any())
    return not goes_on


@dataclass(frozen=True, eq=False)
class _Step:
    """One token more of documents that are grown.

    Attributes:
        rows: the log-probabilities (N, V) of what may follow each.
        left: how much that is together (N,), -inf where nothing may follow.
        tokens: those drawn (N,).
        ended: which documents ended here (N,).
        goes_on: which ones go on (N,).
    """

    rows: Floats
    left: Floats
    tokens: Ints
    ended: NDArray[np.bool_]
    goes_on: NDArray[np.bool_]


def _steps(growth: Growth, automaton: Automaton, room: int | None, count: int) -> Iterator[_Step]:
    end = growth.model.vocabulary.terminator_id
    states = np.full(count, automaton.start, np.int64)
    parents, numbers = np.zeros(count, np.int64), np.arange(count)
    for length in range(min(FOLLOWED, FOLLOWED if room is None else room) + 1):
        rows = _allowed(growth.final_logprobs[parents], automaton, states, end)
        with np.errstate(divide="ignore"):
            left = np.log(np.exp(rows).sum(axis=1))
        tokens = _drawn(rows, rng.words(0, length, numbers, LANE))
        possible = left > -np.inf
        on = possible & (tokens != end)
        yield _Step(rows, left, tokens, possible & (tokens == end), on)
        if not on.any() or length == room:
            return
        numbers, tokens = numbers[on], tokens[on]
        states = automaton.rows(states[on])[np.arange(len(tokens)), tokens].astype(np.int64)
        growth = growth.after(parents[on], tokens)
        parents = np.arange(len(tokens))


def _allowed(rows: Floats, automaton: Automaton, states: Ints, end: int) -> Floats:
    """The log-probabilities (B, V) of what may follow; -inf for everything else."""
    allowed = automaton.rows(states) != NOWHERE
    allowed[:, end] = automaton.accepts(states)
    return np.where(allowed, rows, -np.inf)


def _drawn(rows: Floats, words: rng.Words) -> Ints:
    """A token (B,) of each row (B, V), which need not be normalised."""
    cumulative = np.exp(rows).cumsum(axis=1)
    uniform = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return np.asarray((cumulative <= uniform[:, None] * cumulative[:, -1:]).sum(axis=1)).clip(
        max=rows.shape[1] - 1
    )
