"""Space: what a stochastic beam searches, whether a model grows it or a Markov chain holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tokgen.arrays import Floats, Ints
from tokgen.exact.automaton import Automaton
from tokgen.exact.longest import LONGEST_SEARCHED


class Frontier(Protocol):
    """Sequences being grown, and what each draws its next token from (`Growth` is one)."""

    @property
    def final_logprobs(self) -> Floats:
        """Log-probabilities (B, V) of each sequence's next token, nats."""

    def after(self, parents: Ints, tokens: Ints) -> Frontier:
        """The sequences `parents` (B',) of these, each with a token (B',) more."""


@dataclass(frozen=True, eq=False)
class Space:
    """What is searched: documents that begin at one sequence, those that an automaton allows.

    Attributes:
        begin: gives a frontier of one sequence, at the beginning.
        max_prefixes: how many different prefixes one beam may look at in all.
        max_at_once: how many of one length.
        room: how many tokens the model can read after the beginning; None means any number.
        longest: how many tokens are followed before the search is given up.
    """

    begin: Callable[[], Frontier]
    automaton: Automaton
    terminator_id: int
    max_prefixes: float
    max_at_once: float = float("inf")
    room: int | None = None
    longest: int = LONGEST_SEARCHED
