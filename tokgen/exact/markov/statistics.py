"""What can be computed instead of estimated: exact quantities of a Markov chain.

All from the expected number of visits to each state (Kemeny & Snell 1960, chapter III), which is
accumulated step by step until the mass that is still growing is negligible. A chain that can run
for ever has no expectation; its never-ending mass is reported instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import RequestError
from tokgen.exact.markov.backward import ending_logprobs
from tokgen.exact.markov.markov_chain import MarkovChain, arrived
from tokgen.exact.transitions import NOWHERE, Table, product

NEGLIGIBLE = 1e-15
MOST_STEPS = 20_000
CERTAIN = 1e-9


@dataclass(frozen=True, eq=False)
class Visits:
    """Expected visits (S,) to each state, and the mass (L,) of documents of each length."""

    states: Floats
    lengths: Floats

    @property
    def growing(self) -> float:
        """Mass of documents longer than all lengths listed, never-ending ones included."""
        return max(0.0, 1.0 - float(self.lengths.sum()))


@dataclass(frozen=True)
class Description:
    """Exact figures of a chain; entropy in bits a document. Without an end for sure: None."""

    states: int
    never_ending: float
    entropy_bits: float | None
    expected_length: float | None
    lengths: dict[int, float]


def document_logprob(chain: MarkovChain, tokens: Sequence[int]) -> float:
    """Log-probability (nats) of a document, its terminator included; -inf where impossible."""
    state, total = 0, 0.0
    for token in tokens:
        total += float(chain.logprobs[state, token])
        state = int(chain.successors[state, token])
        if state == NOWHERE:
            return -math.inf
    return total + float(chain.logprobs[state, chain.terminator_id])


def visits(chain: MarkovChain) -> Visits:
    """Expected visits and the length law, for what ends within 20,000 tokens."""
    probabilities = np.exp(chain.logprobs)
    here = _all_at_the_beginning(chain)
    states, lengths = np.zeros(len(chain)), []
    for _ in range(MOST_STEPS):
        states += here
        occupied = np.flatnonzero(here)
        flow = here[occupied, None] * probabilities[occupied]
        lengths.append(float(flow[:, chain.terminator_id].sum()))
        here = arrived(chain, occupied, flow)
        if here.sum() < NEGLIGIBLE:
            break
    return Visits(states, np.array(lengths))


def length_law(chain: MarkovChain, visited: Visits, sizes: Ints) -> Floats:
    """The mass (L,) of documents by number of characters; `sizes` (V,) are those of each token.

    `visited` are the visits of the chain.
    """
    if (np.delete(sizes, chain.terminator_id) == 1).all():
        return visited.lengths
    probabilities = np.exp(chain.logprobs)
    waiting: dict[int, Floats] = {0: _all_at_the_beginning(chain)}
    law: dict[int, float] = {}
    for length in range(MOST_STEPS):
        here = waiting.pop(length, None)
        # Tokens that end inside a character add none: they are followed until none is left.
        while here is not None and here.sum() >= NEGLIGIBLE:
            occupied = np.flatnonzero(here)
            flow = here[occupied, None] * probabilities[occupied]
            law[length] = law.get(length, 0.0) + float(flow[:, chain.terminator_id].sum())
            here = None
            for size in np.unique(sizes).tolist():
                mass = arrived(chain, occupied, np.where(sizes == size, flow, 0.0))
                if size == 0:
                    here = mass
                elif mass.any():
                    waiting[length + size] = waiting.get(length + size, 0.0) + mass
        if not waiting:
            break
    return np.array([law.get(length, 0.0) for length in range(max(law, default=0) + 1)])


def _all_at_the_beginning(chain: MarkovChain) -> Floats:
    here: Floats = np.zeros(len(chain))
    here[0] = 1.0
    return here


def describe(chain: MarkovChain, sizes: Ints) -> Description:
    """Length law in characters, entropy of whole documents, expected length.

    `sizes` (V,) are the characters of each token.
    """
    never_ending = max(0.0, 1.0 - math.exp(ending_logprobs(chain)[0]))
    visited = visits(chain)
    certain = never_ending < CERTAIN and visited.growing < CERTAIN
    law = length_law(chain, visited, sizes)
    lengths = np.arange(len(law))
    return Description(
        states=len(chain),
        never_ending=never_ending if never_ending >= CERTAIN else 0.0,
        entropy_bits=float(visited.states @ row_entropies(chain)) / math.log(2)
        if certain
        else None,
        expected_length=float(law @ lengths) if certain else None,
        lengths={int(n): float(law[n]) for n in lengths if law[n] > 0},
    )


def row_entropies(chain: MarkovChain) -> Floats:
    """Entropy (S,) of each state's next token, nats."""
    finite = np.where(chain.logprobs > -np.inf, chain.logprobs, 0.0)
    entropies: Floats = -(np.exp(chain.logprobs) * finite).sum(axis=1)
    return entropies


def kl_divergence(first: MarkovChain, second: MarkovChain) -> float:
    """KL(first || second) between whole documents, nats; inf where second cannot what first can.

    By the chain rule: the divergence of each row, times the visits to each pair of states.

    Raises:
        RequestError: the first chain may never end, so that there is no such expectation.
    """
    pairs = product(first, _with_everywhere(second))
    joint = MarkovChain(first.logprobs[pairs.first], pairs.successors, first.terminator_id)
    visited = visits(joint)
    if visited.growing > CERTAIN:
        raise RequestError("The chain may never end, so this divergence has no value.")
    ours, theirs = joint.logprobs, second.logprobs[np.minimum(pairs.second, len(second) - 1)]
    theirs = np.where((pairs.second == len(second))[:, None], -np.inf, theirs)
    possible = ours > -np.inf
    if (possible & (theirs == -np.inf) & (visited.states > 0)[:, None]).any():
        return math.inf
    with np.errstate(invalid="ignore"):
        differences = np.where(possible, ours - theirs, 0.0)
    return float(visited.states @ (np.exp(ours) * differences).sum(axis=1))


def _with_everywhere(chain: MarkovChain) -> Table:
    """The successors with a state more, to which all goes that the chain cannot do."""
    lost = len(chain)
    table = np.where(chain.successors == NOWHERE, lost, chain.successors)
    everywhere = np.full((1, chain.vocabulary_size), lost)
    return Table(np.vstack([table, everywhere]).astype(np.int32))


def perplexity(model: MarkovChain, source: MarkovChain) -> float:
    """Perplexity per token of `model` on documents that `source` makes; inf where it cannot."""
    visited = visits(source)
    entropy = float(visited.states @ row_entropies(source))
    cross = entropy + kl_divergence(source, model)
    tokens = float(visited.states.sum())
    return math.exp(cross / tokens) if math.isfinite(cross) else math.inf


def unreachable_mass(model: MarkovChain, truncated: MarkovChain) -> float:
    """The model's mass of documents that the truncated chain can never make."""
    pairs = product(model, truncated)
    logprobs = model.logprobs[pairs.first]
    impossible = truncated.logprobs[pairs.second] == -np.inf
    kept = MarkovChain(
        np.where(impossible, -np.inf, logprobs), pairs.successors, model.terminator_id
    )
    return max(0.0, 1.0 - math.exp(ending_logprobs(kept)[0]))
