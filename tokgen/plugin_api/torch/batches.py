"""Batches: what a network is shown in one update, in numpy.

Equal contexts carry the same prediction. So for a model of bounded context a pass over the data is
a weighted pass over its distinct contexts: the same loss and gradient, from a tenth of the rows
on a small alphabet. Models without a window get whole documents, and as targets all that follows
what they have read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, row_numbers
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.torch.followers import Followers, numbered_prefixes
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


@dataclass(frozen=True, eq=False)
class Drawn:
    """The rows (B,) of a batch, how often each counts (B,), and for which share of a pass it is."""

    rows: Ints
    weights: NDArray[np.float32]
    share: float

    @classmethod
    def alike(cls, rows: Ints, count: int) -> Drawn:
        """Each of these rows, of so many in all, counts once."""
        return cls(rows, np.ones(len(rows), np.float32), len(rows) / count)


class ContextBatches:
    """The distinct contexts of a dataset, each with all targets that follow it.

    A pass reads a context the more often the more often it occurs, in proportion to this power of
    its count; what it counts for is the less. With 0 each is read once, with 1 as in the data.

    Attributes:
        tokens: how many targets a pass has.
    """

    at_once = 65_536

    def __init__(self, dataset: Dataset, context: int, power: float = 0.5) -> None:
        windows = dataset.all_windows(context)
        size = dataset.vocabulary.size
        base = max(size, int(windows.given.max(initial=0)) + 1)
        numbers = row_numbers(np.hstack([windows.contexts, windows.given]), base)
        _, first, place = np.unique(numbers, return_index=True, return_inverse=True)
        self._contexts, self._given = windows.contexts[first], windows.given[first]
        self._followers = Followers.counted(place.reshape(-1), windows.targets, size)
        self._frequency = self._followers.of_each() ** power
        self.tokens = len(dataset)

    def __len__(self) -> int:
        """How many distinct contexts there are."""
        return len(self._contexts)

    def a_pass(self, size: int, generator: np.random.Generator) -> list[Drawn]:
        """Batches of `size` contexts, drawn systematically (Madow 1949) at even distances.

        The steps of a pass begin at even distances too, so that together they read each context
        as often as its chance says, to the next whole number.
        """
        chances = chances_of(self._frequency, size)
        order = generator.permutation(len(self))
        ends, steps = np.cumsum(chances[order]), math.ceil(len(self) / size)
        begins = (generator.permutation(steps) + generator.random()) / steps
        points = begins[:, None] + np.arange(round(ends[-1]))
        drawn = order[np.minimum(np.searchsorted(ends, points), len(self) - 1)]
        weights = (1 / (chances * steps)).astype(np.float32)
        return [Drawn(rows, weights[rows], 1 / steps) for rows in drawn]

    def batch(self, chosen: Drawn) -> Batch:
        """The contexts that were drawn."""
        rows, tokens, counts = self._followers.of(chosen.rows)
        inputs, given = self._contexts[chosen.rows], self._given[chosen.rows]
        weights, examples = counts * chosen.weights[rows], self.tokens * chosen.share
        return Batch(inputs, given, rows, tokens, weights, examples)


def chances_of(frequency: NDArray[np.floating], size: int) -> Floats:
    """Chances (D,) in proportion to the frequency (D,), none above one, that sum to `size`."""
    certain = np.zeros(len(frequency), bool)
    chances = np.ones(len(frequency))
    while len(frequency) > size:
        left = np.where(certain, 0.0, frequency)
        chances = np.where(certain, 1.0, left * ((size - certain.sum()) / left.sum()))
        if (chances <= 1).all():
            break
        certain |= chances >= 1
    return chances


class DocumentBatches:
    """Whole documents, for models without a window; the id before the first begins each input.

    Args:
        mixes_lengths: whether a batch has documents of all lengths, instead of like ones.

    Attributes:
        tokens: how many targets a pass has.
    """

    at_once = 1024

    def __init__(self, dataset: Dataset, mixes_lengths: bool = False) -> None:
        self._dataset = dataset
        self._sorted_by = np.zeros_like(dataset.lengths) if mixes_lengths else dataset.lengths
        _, roots = np.unique(dataset.given, axis=0, return_inverse=True)
        size = dataset.vocabulary.size
        stream = dataset.stream.astype(np.int64)
        self._prefixes = numbered_prefixes(
            stream, dataset.starts, dataset.lengths, roots.reshape(-1), size
        )
        self._followers = Followers.counted(self._prefixes, stream, size)
        self._occurrences = self._followers.of_each()
        self.tokens = len(dataset)

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._dataset.documents)

    def a_pass(self, size: int, generator: np.random.Generator) -> list[Drawn]:
        """Each document once; with `size` of like length at a time little is spent on padding."""
        order = generator.permutation(len(self))
        order = order[np.argsort(self._sorted_by[order], kind="stable")]
        parts = [order[begin : begin + size] for begin in range(0, len(self), size)]
        batches = [Drawn.alike(part, len(self)) for part in parts]
        return [batches[number] for number in generator.permutation(len(batches))]

    def batch(self, chosen: Drawn) -> Batch:
        """The documents that were drawn, each at the left of its row."""
        documents = self._dataset.documents_at(chosen.rows)
        inputs, _, real = inputs_and_targets(documents, self._dataset.vocabulary)
        lengths = documents.lengths
        places = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        prefixes = self._prefixes[np.repeat(self._dataset.starts[chosen.rows], lengths) + places]
        read, tokens, counts = self._followers.of(prefixes)
        shares = counts / self._occurrences[prefixes][read]
        rows = np.flatnonzero(real)[read]
        return Batch(inputs, documents.given, rows, tokens, shares, len(prefixes))


Batches = ContextBatches | DocumentBatches


def batches_of(
    dataset: Dataset, context: int | None, power: float = 0.5, mixes_lengths: bool = False
) -> Batches:
    """The batches that suit a model of this context length; contexts are drawn by this power."""
    if context is None:
        return DocumentBatches(dataset, mixes_lengths)
    return ContextBatches(dataset, context, power)


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
