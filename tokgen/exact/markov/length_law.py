"""How long the documents of a Markov chain are: its mass followed token by token.

Until what is still growing is negligible, or documents have more tokens than anybody lists; what
is longer than all lengths listed is known as their complement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.markov.markov_chain import MarkovChain, arrived
from tokgen.exact.transitions import NOWHERE
from tokgen.stopping import may_stop

NEGLIGIBLE = 1e-15
MOST_LISTED = 20_000


@dataclass(frozen=True, eq=False)
class Visits:
    """Expected visits (S,) to each state, and the mass (L,) of documents of each length."""

    states: Floats
    lengths: Floats


def visits(chain: MarkovChain, most: int = MOST_LISTED) -> Visits:
    """Expected visits and the length law, for documents of less than `most` tokens."""
    probabilities = np.exp(chain.logprobs)
    here = _all_at_the_beginning(chain)
    states, lengths = np.zeros(len(chain)), []
    for _ in range(most):
        may_stop()
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
    follow = (chain.successors != NOWHERE).any(axis=0)
    if (sizes[follow] == 1).all():
        return visited.lengths
    probabilities = np.exp(chain.logprobs)
    waiting: dict[int, Floats] = {0: _all_at_the_beginning(chain)}
    law: dict[int, float] = {}
    for length in range(MOST_LISTED):
        here = waiting.pop(length, None)
        # Tokens that end inside a character add none: they are followed until none is left.
        while here is not None and here.sum() >= NEGLIGIBLE:
            may_stop()
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
