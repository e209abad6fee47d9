"""Decoder: sequences that generation makes longer, and the one that keeps nothing of them."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from tokgen.arrays import Floats, Ints
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes

if TYPE_CHECKING:
    from tokgen.plugin_api.model import LanguageModel


class Decoder(ABC):
    """The state of a model for B sequences that generation makes longer, token by token.

    A copy (`copy`) is independent: by default it has the same arrays, so `advance` and `join`
    replace arrays by new ones and never write into an array that is there. A decoder that writes
    into its arrays overrides `copy`.
    """

    @abstractmethod
    def logprobs(self) -> Floats:
        """Log-probabilities (B, V) of each sequence's next token: nats, as of `next_logprobs`."""

    @abstractmethod
    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Make sequence i the old sequence `parents[i]` with `tokens[i]` appended.

        `parents` drops, repeats or reorders rows: finished ones, branches, beams. Shapes (B',).
        """

    @abstractmethod
    def join(self, prefixes: Prefixes) -> None:
        """Add sequences with these prefixes (B',) behind the sequences that are there."""

    def copy(self) -> Self:
        """A second decoder with the same sequences; neither changes the other."""
        return copy.copy(self)


class RecomputingDecoder(Decoder):
    """Asks the model anew at each step; equal prefixes are evaluated once."""

    def __init__(self, model: LanguageModel, prefixes: Prefixes) -> None:
        self._model = model
        self._prefixes = prefixes.last(model.context_length)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        if len(self._prefixes) == 1:
            return self._model.next_logprobs(self._prefixes)
        distinct, rows = distinct_prefixes(self._prefixes)
        return self._model.next_logprobs(distinct)[rows]

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Append a token to each selected prefix."""
        grown = self._prefixes.select(parents).append(tokens)
        self._prefixes = grown.last(self._model.context_length)

    def join(self, prefixes: Prefixes) -> None:
        """Add prefixes."""
        self._prefixes = self._prefixes.join(prefixes.last(self._model.context_length))
