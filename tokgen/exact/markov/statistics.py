"""What can be computed instead of estimated: exact quantities of a Markov chain.

Expectations over whole documents are sums over the states that they pass (Kemeny & Snell 1960,
chapter III), solved backwards from the end. A chain that can run for ever has no expectation; its
never-ending mass is reported instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import RequestError
from tokgen.exact.markov.backward import (
    EndsTooRarelyError,
    ending_logprobs,
    ending_only,
    expected_sums,
    never_ending_mass,
)
from tokgen.exact.markov.length_law import length_law, visits
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.exact.transitions import NOWHERE, Table, product
from tokgen.stopping import may_stop

CERTAIN = 1e-9


@dataclass(frozen=True)
class Description:
    """Exact figures of a chain; entropy in bits a document, lengths in characters.

    Attributes:
        never_ending, entropy_bits, expected_length: None where double precision cannot tell; the
            last two also where a document may never end.
        lengths: the mass of each length, as far as they are listed.
        longer: the mass of documents that end and are longer than all lengths listed.
    """

    states: int
    never_ending: float | None
    entropy_bits: float | None
    expected_length: float | None
    lengths: dict[int, float]
    longer: float


def document_logprob(chain: MarkovChain, tokens: Sequence[int]) -> float:
    """Log-probability (nats) of a document, its terminator included; -inf where impossible."""
    may_stop()
    state, total = 0, 0.0
    for token in tokens:
        total += float(chain.logprobs[state, token])
        state = int(chain.successors[state, token])
        if state == NOWHERE:
            return -math.inf
    return total + float(chain.logprobs[state, chain.terminator_id])


def describe(chain: MarkovChain, sizes: Ints) -> Description:
    """Length law in characters, entropy of whole documents, expected length.

    `sizes` (V,) are the characters of each token.
    """
    ending = ending_only(chain)
    law = length_law(ending, visits(ending), sizes)
    never_ending = _or_none(lambda: never_ending_mass(chain, ending))
    entropy = expected = None
    if never_ending is not None and never_ending < CERTAIN:
        entropy = _or_none(lambda: expected_sums(ending, row_entropies(ending))[0] / math.log(2))
        characters = np.exp(ending.logprobs) @ sizes.astype(np.float64)
        expected = _or_none(lambda: expected_sums(ending, characters)[0])
    return Description(
        states=len(chain),
        never_ending=never_ending,
        entropy_bits=entropy,
        expected_length=expected,
        lengths={length: mass for length, mass in enumerate(law.tolist()) if mass > 0},
        longer=max(0.0, 1.0 - float(law.sum()) - (never_ending or 0.0)),
    )


def _or_none(figure: Callable[[], float]) -> float | None:
    try:
        return float(figure())
    except EndsTooRarelyError:
        return None


def row_entropies(chain: MarkovChain) -> Floats:
    """Entropy (S,) of each state's next token, nats."""
    finite = np.where(chain.logprobs > -np.inf, chain.logprobs, 0.0)
    entropies: Floats = -(np.exp(chain.logprobs) * finite).sum(axis=1)
    return entropies


def kl_divergence(first: MarkovChain, second: MarkovChain, max_states: int = MAX_STATES) -> float:
    """KL(first || second) between whole documents, nats; inf where second cannot what first can.

    By the chain rule: the divergence of each row, times the visits to each pair of states.

    Raises:
        RequestError: the first chain may never end, so that there is no such expectation.
        TooManyStates: the two together have more than `max_states`.
    """
    pairs = product(first, _with_everywhere(second), max_states)
    joint = MarkovChain(first.logprobs[pairs.first], pairs.successors, first.terminator_id)
    ending = ending_only(joint)
    if never_ending_mass(joint, ending) >= CERTAIN:
        raise RequestError("The chain may never end, so this divergence has no value.")
    ours, theirs = joint.logprobs, second.logprobs[np.minimum(pairs.second, len(second) - 1)]
    theirs = np.where((pairs.second == len(second))[:, None], -np.inf, theirs)
    possible = ours > -np.inf
    if (possible & (theirs == -np.inf)).any():
        return math.inf
    with np.errstate(invalid="ignore"):
        differences = np.where(possible, ours - theirs, 0.0)
    return float(expected_sums(ending, (np.exp(ours) * differences).sum(axis=1))[0])


def _with_everywhere(chain: MarkovChain) -> Table:
    """The successors with a state more, to which all goes that the chain cannot do."""
    lost = len(chain)
    table = np.where(chain.successors == NOWHERE, lost, chain.successors)
    everywhere = np.full((1, chain.vocabulary_size), lost)
    return Table(np.vstack([table, everywhere]).astype(np.int32))


def perplexity(model: MarkovChain, source: MarkovChain, max_states: int = MAX_STATES) -> float:
    """Perplexity per token of `model` on documents that `source` makes; inf where it cannot."""
    entropy = expected_sums(source, row_entropies(source))[0]
    cross = entropy + kl_divergence(source, model, max_states)
    tokens = expected_sums(source, np.ones(len(source)))[0]
    return math.exp(cross / tokens) if math.isfinite(cross) else math.inf


def unreachable_mass(
    model: MarkovChain, truncated: MarkovChain, max_states: int = MAX_STATES
) -> float:
    """The model's mass of documents that the truncated chain can never make."""
    pairs = product(model, truncated, max_states)
    logprobs = model.logprobs[pairs.first]
    impossible = truncated.logprobs[pairs.second] == -np.inf
    kept = MarkovChain(
        np.where(impossible, -np.inf, logprobs), pairs.successors, model.terminator_id
    )
    return max(0.0, 1.0 - math.exp(ending_logprobs(kept)[0]))
