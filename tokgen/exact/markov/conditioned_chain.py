"""Conditioning: the model given that a condition holds, exactly, as a Markov chain of its own.

A backward pass over automaton x chain finds each state's probability h of ending well; the chain
of p(v | s) h(s') / h(s) draws exactly from the conditioned model (Doob's h-transform; for hidden
Markov models Rabiner 1989, backward variables). Nothing is tried and thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, normalised, rows_at_once
from tokgen.exact.automaton import Automaton
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.markov.backward import ending_logprobs
from tokgen.exact.markov.markov_chain import MarkovChain, arrived
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.exact.transitions import NOWHERE, product
from tokgen.stopping import may_stop

TRANSFORMED_AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class ConditionedChain:
    """The conditioned chain, and the log-probability (nats) of the condition."""

    chain: MarkovChain
    logprob: float


def condition_on(
    chain: MarkovChain, automaton: Automaton, max_states: int = MAX_STATES
) -> ConditionedChain:
    """The chain given that the document is one that the automaton allows.

    Raises:
        TooManyStates: chain and automaton together have more than `max_states`.
        RequestError: no such document has a positive probability.
    """
    joint = restricted(chain, automaton, max_states)
    ending = ending_logprobs(joint)
    if ending[0] == -np.inf:
        raise ImpossibleError
    _transform(joint, ending)
    return ConditionedChain(joint, float(ending[0]))


def restricted(
    chain: MarkovChain, automaton: Automaton, max_states: int = MAX_STATES
) -> MarkovChain:
    """Chain and automaton side by side: what is refused has no probability, the rest its own."""
    pairs = product(chain, automaton, max_states)
    end = chain.terminator_id
    logprobs = chain.logprobs[pairs.first]
    refused = pairs.successors == NOWHERE
    refused[:, end] = ~automaton.accepts(pairs.second)
    logprobs[refused] = -np.inf
    return MarkovChain(logprobs, pairs.successors, end)


def _transform(chain: MarkovChain, ending: Floats) -> None:
    """Give each token, in place, the weight of what can come of it, and renormalise."""
    at_once = rows_at_once(chain.vocabulary_size, TRANSFORMED_AT_ONCE)
    for begin in range(0, len(chain), at_once):
        may_stop()
        part = slice(begin, begin + at_once)
        rows, successors = chain.logprobs[part], chain.successors[part]
        after = np.where(successors == NOWHERE, -np.inf, ending[successors])
        after[:, chain.terminator_id] = 0.0
        rows += after
        hopeless = ending[part] == -np.inf
        rows[hopeless, chain.terminator_id] = 0.0
        rows[:] = normalised(rows)
        successors[rows == -np.inf] = NOWHERE


def position_marginals(chain: MarkovChain, positions: int) -> Floats:
    """The probability (T, V) of each token at each of the first positions.

    Of a conditioned chain this is the posterior; a document that has ended stays ended, so that
    the terminator's column holds the probability of having ended by then.
    """
    here: Floats = np.zeros(len(chain))
    here[0] = 1.0
    ended = 0.0
    marginals = np.zeros((positions, chain.vocabulary_size))
    for position in range(positions):
        may_stop()
        occupied = np.flatnonzero(here)
        flow = here[occupied, None] * np.exp(chain.logprobs[occupied])
        marginals[position] = flow.sum(axis=0)
        ended += marginals[position, chain.terminator_id]
        marginals[position, chain.terminator_id] = ended
        here = arrived(chain, occupied, flow)
    return marginals
