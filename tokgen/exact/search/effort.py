"""How much a search will cost, estimated from a few drawn documents before it is made.

Documents are grown in which a token that the automaton refuses is never drawn. Each then has a
weight, the product of what the model leaves to the tokens allowed at each step, and a mean of
weights estimates a probability under the model alone (importance sampling; Kahn & Marshall 1953).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from tokgen import rng
from tokgen.arrays import Floats, Ints
from tokgen.exact.automaton import Automaton
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Growth

DRAWN = 512
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
    end = growth.model.vocabulary.terminator_id
    began, asked, mass = time.perf_counter(), 0, 0.0
    weights, logprobs = list[Floats](), list[Floats]()
    states = np.full(DRAWN, automaton.start, np.int64)
    parents, numbers = np.zeros(DRAWN, np.int64), np.arange(DRAWN)
    log_weights, own = np.zeros(DRAWN), np.zeros(DRAWN)
    for length in range(min(FOLLOWED, FOLLOWED if room is None else room) + 1):
        weights.append(np.exp(log_weights))
        logprobs.append(own)
        asked += len(parents)
        rows = _allowed(growth.final_logprobs[parents], automaton, states, end)
        with np.errstate(divide="ignore"):
            left = np.log(np.exp(rows).sum(axis=1))
        tokens = _drawn(rows, rng.words(0, length, numbers, LANE))
        ended, on = tokens == end, (tokens != end) & (left > -np.inf)
        mass += float(np.exp(log_weights + left)[ended & (left > -np.inf)].sum()) / DRAWN
        if not on.any() or length == room:
            break
        own = (own + rows[np.arange(len(rows)), tokens])[on]
        log_weights, numbers, tokens = (log_weights + left)[on], numbers[on], tokens[on]
        states = automaton.rows(states[on])[np.arange(len(tokens)), tokens].astype(np.int64)
        growth = growth.after(parents[on], tokens)
        parents = np.arange(len(tokens))
    seconds = (time.perf_counter() - began) / asked
    return Effort(mass, np.concatenate(weights), np.concatenate(logprobs), seconds)


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
