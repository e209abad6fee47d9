"""LanguageModel and Decoder: prefixes -> log-probabilities of the next token.

Everything here is numpy, so a model can be read, sampled and tested without torch; `torch` adds
what networks need. Shapes: B sequences, T tokens, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import NDArray

from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.tokenizer import Vocabulary

if TYPE_CHECKING:
    from tokgen.plugin_api.dataset import Dataset
    from tokgen.plugin_api.fit_run import FitRun
from tokgen.arrays import Arrays, Floats, Ints
from tokgen.plugin_api.prefixes import Prefixes, distinct_prefixes


@dataclass(frozen=True, eq=False)
class Explanation:
    """One step from a context to the distribution: a name, an array, labels of its rows."""

    name: str
    values: NDArray[Any]
    rows: tuple[str, ...] = ()


class Decoder(ABC):
    """A batch of sequences being grown: what generation talks to."""

    @abstractmethod
    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V), nats, rows normalised."""

    @abstractmethod
    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Make sequence i the old sequence `parents[i]` with `tokens[i]` appended.

        `parents` drops, repeats or reorders rows: finished ones, branches, beams. Shapes (B',).
        """


class LanguageModel(ABC):
    """A fitted model: it is built by `fit` or `from_arrays` and does not change afterwards.

    So it may be asked from several threads at once.

    Attributes:
        context_length: how many tokens can matter to the next one; None means all of them.
    """

    tokgen_api: ClassVar[int]
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    context_length: int | None

    def __init__(self, options: PluginOptions, vocabulary: Vocabulary) -> None:
        self.options = options
        self.vocabulary = vocabulary

    @classmethod
    @abstractmethod
    def fit(
        cls,
        options: Any,
        vocabulary: Vocabulary,
        train: Dataset,
        validation: Dataset | None,
        run: FitRun,
    ) -> Self:
        """Learn from `train`; `validation` may only decide when to stop (None: `run` decides)."""

    @abstractmethod
    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Log-probabilities of the next token (B, V): float64, nats, each row normalised."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """What was learnt, by name: everything that `from_arrays` needs beside the options."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, options: Any, vocabulary: Vocabulary, arrays: Arrays) -> Self:
        """The model that gave `arrays`.

        Raises:
            ValueError: where a name, shape or dtype is not what the options ask for.
        """

    def initial_arrays(self, seed: int) -> Arrays:
        """`arrays` as they are before a training with this seed; empty where none is random."""
        return {}

    def parts(self) -> Mapping[str, LanguageModel]:
        """Whole models inside this one (a mixture's); each is saved as a model of its own."""
        return {}

    @classmethod
    def from_parts(
        cls,
        options: Any,
        vocabulary: Vocabulary,
        arrays: Arrays,
        parts: Mapping[str, LanguageModel],
    ) -> Self:
        """`from_arrays` for a model with parts; models without any do not override it."""
        if parts:
            raise ValueError(f"the model holds no parts, but the checkpoint has {sorted(parts)}")
        return cls.from_arrays(options, vocabulary, arrays)

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """Keys (B, W) from 0 to V + 1, equal only for prefixes that have the same future.

        By default the context itself, with V left of the beginning. A model that forgets more than
        its context length says (a back-off n-gram) returns the same keys for more prefixes, and is
        then a smaller Markov chain. Only for models with a context length.
        """
        if self.context_length is None:
            raise ValueError("a model without a context length has no canonical prefixes")
        return prefixes.padded(self.context_length, self.vocabulary.size)

    def explain(self, prefixes: Prefixes, symbols: Sequence[str]) -> list[Explanation]:
        """How the model comes to its distribution after one prefix; empty if it does not say.

        Whatever the steps, the last is the softmax (or its equal) over the vocabulary.
        """
        return []

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """Grow sequences from `prefixes`. Override where the model can keep a state."""
        return RecomputingDecoder(self, prefixes)


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
