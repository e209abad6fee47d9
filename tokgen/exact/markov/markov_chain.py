"""MarkovChain: a bounded model as a finite Markov chain over the contexts that can be reached.

With V symbols and a context of k, a model is a table: at V = 27 and k = 3, 18,279 rows. What can be
asked of such a table is answered exactly (`exact`, `conditioning`, `top`) or very fast (`bulk`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints
from tokgen.exact.transitions import Successors


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
    def start(self) -> int:
        """The first state."""
        return 0

    def rows(self, states: Ints) -> Successors:
        """The successors (B, V) of states (B,)."""
        return self.successors[states]

    @property
    def vocabulary_size(self) -> int:
        """How many symbols there are, the terminator included."""
        return int(self.logprobs.shape[1])

    def logprobs_at(self, states: Ints) -> Floats:
        """The rows (B, V) of states (B,)."""
        return self.logprobs[states]

    def after(self, states: Ints, tokens: Ints) -> Ints:
        """The states after a token (B,) each; none may be impossible."""
        return self.successors[states, tokens].astype(np.int64)


class Chain(Protocol):
    """States with their rows, begun in state 0, whether they are written out or not."""

    @property
    def terminator_id(self) -> int:
        """The id that ends a document."""

    def logprobs_at(self, states: Ints) -> Floats:
        """The rows (B, V) of states (B,), nats, normalised."""

    def rows(self, states: Ints) -> NDArray[Any]:
        """The successors (B, V) of states (B,); -1 (NOWHERE) is refusal."""

    def after(self, states: Ints, tokens: Ints) -> Ints:
        """The states after a token (B,) each; none may be impossible."""


@dataclass(frozen=True, eq=False)
class MarkovFrontier:
    """Sequences that go through a Markov chain; they stand at `states` (B,)."""

    chain: Chain
    states: Ints

    @classmethod
    def begin(cls, chain: Chain) -> MarkovFrontier:
        """One sequence, where the Markov chain begins."""
        return cls(chain, np.zeros(1, np.int64))

    @property
    def final_logprobs(self) -> Floats:
        """Log-probabilities (B, V) of each sequence's next token, nats."""
        return self.chain.logprobs_at(self.states)

    def after(self, parents: Ints, tokens: Ints) -> MarkovFrontier:
        """The sequences `parents` (B',) with a token (B',) more; none may be impossible."""
        return MarkovFrontier(self.chain, self.chain.after(self.states[parents], tokens))


def arrived(chain: MarkovChain, states: Ints, flow: Floats) -> Floats:
    """The mass (S,) on each state after one token; `flow` (B, V) is what leaves `states` (B,)."""
    # What goes nowhere (-1) is counted in a place before the first.
    places = chain.successors[states].ravel().astype(np.int64) + 1
    mass = np.bincount(places, flow.ravel(), minlength=len(chain) + 1)
    return mass[1:].astype(np.float64)
