"""LanguageModel and Decoder: prefixes -> log-probabilities of the next token.

Everything here is numpy, so a model can be read, sampled and tested without torch; `torch_model`
adds what networks need. Shapes: B sequences, T tokens, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.options import PluginOptions
from tokgen.tokenizer import Vocabulary

if TYPE_CHECKING:
    from tokgen.dataset import Dataset
    from tokgen.fitting import FitRun

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One step from a context to the distribution: a name, an array, labels of its rows."""

    name: str
    values: NDArray[Any]
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Prefixes:
    """B prefixes of documents. Shapes: `ids` (B, T) int64, right-aligned; `lengths` (B,) int64.

    What stands left of a row's length means nothing and may not matter. A row shorter than a
    model's context begins at the document's beginning. A terminator inside the length is content.
    """

    ids: Ints
    lengths: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Prefixes:
        """Prefixes from lists of ids."""
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        ids = np.zeros((len(rows), max(lengths, default=0)), dtype=np.int64)
        for row, content in zip(ids, rows, strict=True):
            row[len(row) - len(content) :] = content
        return cls(ids, lengths)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: int) -> list[int]:
        """The ids of one prefix."""
        width = self.ids.shape[1]
        return [int(token) for token in self.ids[row, width - int(self.lengths[row]) :]]

    def select(self, rows: Ints) -> Prefixes:
        """The prefixes at `rows` (B',): dropped, repeated or reordered."""
        return Prefixes(self.ids[rows], self.lengths[rows])

    def append(self, tokens: Ints) -> Prefixes:
        """Each prefix with one token (B,) more."""
        return Prefixes(np.hstack([self.ids, tokens[:, None]]), self.lengths + 1)

    def last(self, context_length: int | None) -> Prefixes:
        """Each prefix cut to its last `context_length` tokens; None keeps all."""
        if context_length is None or self.ids.shape[1] <= context_length:
            return self
        start = self.ids.shape[1] - context_length
        return Prefixes(self.ids[:, start:], np.minimum(self.lengths, context_length))

    def padded(self, width: int, padding: int) -> Ints:
        """The last `width` tokens of each row (B, width), `padding` left of its beginning."""
        ids = np.full((len(self), width), padding, dtype=np.int64)
        kept = min(width, self.ids.shape[1])
        if not kept:
            return ids
        content = self.ids[:, self.ids.shape[1] - kept :]
        if (self.lengths >= kept).all():
            ids[:, width - kept :] = content
        else:
            columns = np.arange(kept) >= kept - self.lengths[:, None]
            ids[:, width - kept :][columns] = content[columns]
        return ids


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

    def canonical(self, prefixes: Prefixes) -> Ints:
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


def distinct_prefixes(prefixes: Prefixes) -> tuple[Prefixes, Ints]:
    """The different prefixes, and for each row (B,) which of them it is."""
    # One more than any id stands left of a beginning, so that lengths tell prefixes apart too.
    outside = int(prefixes.ids.max(initial=0)) + 1
    numbers = row_numbers(prefixes.padded(prefixes.ids.shape[1], outside), outside + 1)
    _, first, rows = np.unique(numbers, return_index=True, return_inverse=True)
    return prefixes.select(first), rows.reshape(-1)


def row_numbers(rows: Ints, base: int) -> Ints:
    """Equal numbers (N,) for equal rows (N, k) of digits below `base`."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    largest = 1
    for column in rows.T:
        if largest * base >= 1 << 62:
            _, numbers = np.unique(numbers, return_inverse=True)
            largest = len(rows)
        numbers = numbers * base + column
        largest *= base
    return numbers
