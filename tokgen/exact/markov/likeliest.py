"""The cut of the likeliest documents of a Markov chain.

It is exact where so few documents hold the share that they can be listed, else bracketed.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from tokgen.exact.likeliest_share import ROUNDING, Known, LikeliestShare
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.mass_by_cost import MassByCost, NotSettledError

# Where documents come to no end, longer and longer ones are the likeliest.
ENUMERATED_AT_MOST, LONGEST_LISTED = 20_000, 500
# Each step costs one look at every token after every state: some seconds in all.
MOST_STEPS, MOST_LOOKS = 2_000, 2e8
# Of the memory, the share that the masses may take: float64, in an array that doubles.
MASSES_SHARE, BYTES_A_MASS = 4, 2 * 8
COARSE_STEPS, HIGHEST_COST = 64, 2_048.0


def likeliest_of_chain(chain: MarkovChain, share: float, memory: int) -> LikeliestShare | None:
    """The cut of the likeliest documents that hold `share` of the mass; None where none is found.

    `memory`: bytes that it may take.
    """
    return _enumerated(chain, share) or _bracketed(chain, share, memory)


def _enumerated(chain: MarkovChain, share: float) -> LikeliestShare | None:
    mass, cut = 0.0, math.inf
    for document in itertools.islice(top(chain), ENUMERATED_AT_MOST):
        if mass >= share and document.logprob < cut - ROUNDING:
            break
        if len(document.tokens) > LONGEST_LISTED:
            return None
        mass += math.exp(document.logprob)
        cut = document.logprob
    return LikeliestShare(cut, mass, mass, Known.exact) if mass >= share else None


def _bracketed(chain: MarkovChain, share: float, memory: int) -> LikeliestShare | None:
    farthest = _cost_that_suffices(chain, share)
    if farthest is None:
        return None
    tokens = int((chain.logprobs > -np.inf).sum())
    affordable = min(MOST_LOOKS / tokens, memory / MASSES_SHARE / BYTES_A_MASS / len(chain))
    most_steps = max(COARSE_STEPS, min(MOST_STEPS, int(affordable)))
    step = farthest / most_steps
    at_least = MassByCost(chain, step, np.ceil)
    # Finer steps round up by less, but where they do not divide the coarse ones.
    reaching = range(most_steps + COARSE_STEPS)
    steps = next((each for each in reaching if at_least.at(each) >= share), None)
    if steps is None:
        return None
    try:
        most = min(1.0, MassByCost(chain, step, np.floor).at(steps))
    except NotSettledError:
        return None
    return LikeliestShare(-steps * step, at_least.at(steps), most, Known.bracketed)


def _cost_that_suffices(chain: MarkovChain, share: float) -> float | None:
    """Nats within which documents hold the share, by few steps; None where none are found."""
    cost = COARSE_STEPS / 8
    while cost <= HIGHEST_COST:
        if MassByCost(chain, cost / COARSE_STEPS, np.ceil).at(COARSE_STEPS) >= share:
            return cost
        cost *= 2
    return None
