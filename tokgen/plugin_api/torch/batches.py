"""Batches: what a network is shown in one update, in numpy.

Equal contexts carry the same prediction. So for a model of bounded context a pass over the data is
a weighted pass over its distinct contexts: the same loss and gradient, from a tenth of the rows
on a small alphabet. Models without a window get whole documents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints, row_numbers
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs and the targets that follow them, each with its weight.

    Shapes: `inputs` (B, k) contexts or (B, T) documents; `given` (B, C); `rows`, `tokens`,
    `weights` (E,): target `tokens[e]`, seen `weights[e]` times, belongs to row `rows[e]` of the
    flattened logits.

    Attributes:
        examples: by how many the summed loss is divided; the expected sum of the weights.
    """

    inputs: Ints
    given: Ints
    rows: Ints
    tokens: Ints
    weights: NDArray[np.float32]
    examples: float


class ContextBatches:
    """The distinct contexts of a dataset, each with all targets that follow it.

    Attributes:
        tokens: how many targets a pass has.
    """

    at_once = 65_536

    def __init__(self, dataset: Dataset, context: int) -> None:
        windows = dataset.all_windows(context)
        size = dataset.vocabulary.size
        base = max(size, int(windows.given.max(initial=0)) + 1)
        numbers = row_numbers(np.hstack([windows.contexts, windows.given]), base)
        _, first, place = np.unique(numbers, return_index=True, return_inverse=True)
        pairs, counts = np.unique(place * size + windows.targets, return_counts=True)
        self._contexts, self._given = windows.contexts[first], windows.given[first]
        self._tokens = pairs % size
        self._counts = counts.astype(np.float32)
        self._begin = np.searchsorted(pairs // size, np.arange(len(first) + 1))
        self.tokens = len(dataset)

    def __len__(self) -> int:
        """How many distinct contexts there are."""
        return len(self._contexts)

    def batch(self, chosen: Ints) -> Batch:
        """The contexts at these indices (B,)."""
        lengths = self._begin[chosen + 1] - self._begin[chosen]
        rows = np.repeat(np.arange(len(chosen)), lengths)
        first = np.cumsum(lengths) - lengths
        at = np.arange(len(rows)) + np.repeat(self._begin[chosen] - first, lengths)
        examples = self.tokens / len(self) * len(chosen)
        inputs, given = self._contexts[chosen], self._given[chosen]
        return Batch(inputs, given, rows, self._tokens[at], self._counts[at], examples)


class DocumentBatches:
    """Whole documents, for models without a window; the id before the first begins each input.

    Attributes:
        tokens: how many targets a pass has.
    """

    at_once = 1024

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.tokens = len(dataset)

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._dataset.documents)

    def batch(self, chosen: Ints) -> Batch:
        """The documents at these indices (B,), each at the left of its row."""
        documents = self._dataset.documents_at(chosen)
        inputs, targets, real = inputs_and_targets(documents, self._dataset.vocabulary)
        rows = np.flatnonzero(real)
        weights = np.ones(len(rows), np.float32)
        tokens = targets.reshape(-1)[rows]
        return Batch(inputs, documents.given, rows, tokens, weights, len(rows))


Batches = ContextBatches | DocumentBatches


class ShuffledPasses:
    """Passes over `count` rows, each in an order of its own, as batches of at most `size`.

    The order of a pass follows from the seed and its number, so any step can be asked for.
    """

    def __init__(self, count: int, size: int, seed: int) -> None:
        self._count = count
        self._size = size
        self._seed = seed
        self._pass = -1
        self._order = np.empty(0, np.int64)

    def at(self, step: int) -> Ints:
        """The rows (B,) of a step, counted from 0."""
        number, place = divmod(step, math.ceil(self._count / self._size))
        if number != self._pass:
            generator = np.random.default_rng([self._seed, number])
            self._pass, self._order = number, generator.permutation(self._count)
        return self._order[place * self._size : (place + 1) * self._size]


def batches_of(dataset: Dataset, context: int | None) -> Batches:
    """The batches that suit a model of this context length."""
    return DocumentBatches(dataset) if context is None else ContextBatches(dataset, context)


def with_id_before(prefixes: Prefixes, vocabulary: Vocabulary) -> Prefixes:
    """Prefixes as a network reads them: what stands before the first token, then the tokens.

    A start id stands in the prefixes already; without one it is the terminator.
    """
    added = vocabulary.start_id is None
    width = max(prefixes.ids.shape[1] + added, 1)
    lengths = np.maximum(prefixes.lengths + added, 1)
    return Prefixes(prefixes.padded(width, vocabulary.id_before_first), lengths, prefixes.given)


def inputs_and_targets(
    documents: Prefixes, vocabulary: Vocabulary
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """The ids of whole documents (B, T), what is read before each, and which of them are real."""
    targets, real = left_aligned(documents)
    inputs = np.roll(targets, 1, axis=1)
    inputs[:, 0] = vocabulary.id_before_first
    return inputs, targets, real


def left_aligned(prefixes: Prefixes) -> tuple[Ints, NDArray[np.bool_]]:
    """The ids (B, T) with each row's content at its left, and which of them (B, T) are content."""
    width = prefixes.ids.shape[1]
    columns = np.arange(width) + (width - prefixes.lengths)[:, None]
    ids = np.take_along_axis(prefixes.ids, np.minimum(columns, width - 1), axis=1)
    return ids, columns < width
