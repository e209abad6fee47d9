"""MarkovChain: a bounded model as a finite Markov chain over the contexts that can be reached.

With V symbols and a context of k, a model is a table: at V = 27 and k = 3, 18,279 rows. What can be
asked of such a table is answered exactly (`exact`, `conditioning`, `top`) or very fast (`bulk`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.transitions import NOWHERE, Successors
from tokgen.plugin_api.model import Decoder
from tokgen.plugin_api.prefixes import Prefixes


@dataclass(frozen=True, eq=False)
class MarkovChain:
    """States with what follows each. It begins in state 0; the terminator ends a document.

    Shapes: `logprobs` (S, V) nats, rows normalised; `successors` (S, V) int32, -1 (NOWHERE) for the
    terminator and for what is impossible.
    """

    logprobs: Floats
    successors: Successors
    terminator_id: int

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.logprobs)

    @property
    def vocabulary_size(self) -> int:
        """How many symbols there are, the terminator included."""
        return int(self.logprobs.shape[1])

    def state_after(self, tokens: list[int]) -> int | None:
        """The state after these tokens, or None where they are impossible."""
        state = 0
        for token in tokens:
            state = int(self.successors[state, token])
            if state == NOWHERE:
                return None
        return state


class MarkovDecoder(Decoder):
    """Sequences that go through a Markov chain."""

    def __init__(self, chain: MarkovChain) -> None:
        self._chain = chain
        self._states: Ints = np.zeros(1, np.int64)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        return self._chain.logprobs[self._states]

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Go on from the selected states; no token may be impossible there."""
        self._states = self._chain.successors[self._states[parents], tokens].astype(np.int64)

    def join(self, prefixes: Prefixes) -> None:
        """Add sequences, which all stand where the Markov chain begins."""
        self._states = np.concatenate([self._states, np.zeros(len(prefixes), np.int64)])


def arrived(chain: MarkovChain, states: Ints, flow: Floats) -> Floats:
    """The mass (S,) on each state after one token; `flow` (B, V) is what leaves `states` (B,)."""
    successors = chain.successors[states]
    going_on = successors != NOWHERE
    mass = np.bincount(successors[going_on], flow[going_on], minlength=len(chain))
    return mass.astype(np.float64)
