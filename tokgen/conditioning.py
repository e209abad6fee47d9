"""Conditioning: the model given that a condition holds, exactly, as a Markov chain of its own.

A backward pass over automaton x chain finds each state's probability h of ending well; the chain
of p(v | s) h(s') / h(s) draws exactly from the conditioned model (Doob's h-transform; for hidden
Markov models Rabiner 1989, backward variables). Nothing is tried and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.automaton import Automaton, product
from tokgen.chain import NOWHERE, MarkovChain
from tokgen.errors import RequestError
from tokgen.model import Floats

MOST_ROUNDS = 100_000
CONVERGED = 1e-15


@dataclass(frozen=True, eq=False)
class Conditioned:
    """The conditioned chain, and the log-probability (nats) of the condition."""

    chain: MarkovChain
    logprob: float


def condition(chain: MarkovChain, automaton: Automaton) -> Conditioned:
    """The chain given that the document is one that the automaton allows.

    Raises:
        RequestError: no such document has a positive probability.
    """
    pairs = product(chain.successors, automaton.successors)
    logprobs = chain.logprobs[pairs.first]
    refused = ~automaton.accepts[pairs.second]
    logprobs[refused, chain.terminator_id] = -np.inf
    going_on = pairs.successors == NOWHERE
    going_on[:, chain.terminator_id] = False
    logprobs[going_on] = -np.inf
    joint = MarkovChain(logprobs, pairs.successors, chain.terminator_id)
    ending = ending_probabilities(joint)
    if ending[0] <= 0:
        raise RequestError("No document that the model can make fulfils this condition.")
    return Conditioned(_transformed(joint, ending), float(np.log(ending[0])))


def ending_probabilities(chain: MarkovChain) -> Floats:
    """The probability (S,) of ever ending from each state, for rows that need not sum to one.

    The least solution of h = p(end) + P h, approached from below until it stands still.
    """
    probabilities = np.exp(chain.logprobs)
    ending = probabilities[:, chain.terminator_id].copy()
    rows, tokens = np.nonzero(chain.successors != NOWHERE)
    weights, targets = probabilities[rows, tokens], chain.successors[rows, tokens]
    begin = np.searchsorted(rows, np.arange(len(chain)))
    continues = np.flatnonzero(np.diff(np.append(begin, len(rows))))
    reached = ending.copy()
    for _ in range(MOST_ROUNDS):
        through = np.zeros(len(chain))
        if len(continues):
            through[continues] = np.add.reduceat(weights * reached[targets], begin[continues])
        updated = ending + through
        if (updated - reached <= CONVERGED * updated).all():
            return updated
        reached = updated
    return reached


def _transformed(chain: MarkovChain, ending: Floats) -> MarkovChain:
    with np.errstate(divide="ignore", invalid="ignore"):
        after = np.where(chain.successors == NOWHERE, -np.inf, np.log(ending)[chain.successors])
        after[:, chain.terminator_id] = 0.0
        logprobs = chain.logprobs + after - np.log(ending)[:, None]
    logprobs[ending == 0] = -np.inf
    logprobs[ending == 0, chain.terminator_id] = 0.0
    totals = np.log(np.exp(logprobs).sum(axis=1, keepdims=True))
    impossible = logprobs == -np.inf
    successors = np.where(impossible, NOWHERE, chain.successors).astype(np.int32)
    return MarkovChain(logprobs - totals, successors, chain.terminator_id)


def position_marginals(chain: MarkovChain, positions: int) -> Floats:
    """The probability (T, V) of each token at each of the first positions.

    Of a conditioned chain this is the posterior; a document that has ended stays ended, so that
    the terminator's column holds the probability of having ended by then.
    """
    probabilities = np.exp(chain.logprobs)
    here: Floats = np.zeros(len(chain))
    here[0] = 1.0
    ended = 0.0
    marginals = np.zeros((positions, chain.vocabulary_size))
    rows, tokens = np.nonzero(chain.successors != NOWHERE)
    targets = chain.successors[rows, tokens]
    for position in range(positions):
        flow = here[:, None] * probabilities
        marginals[position] = flow.sum(axis=0)
        ended += marginals[position, chain.terminator_id]
        marginals[position, chain.terminator_id] = ended
        arriving = np.bincount(targets, weights=flow[rows, tokens], minlength=len(chain))
        here = arriving.astype(np.float64)
    return marginals
