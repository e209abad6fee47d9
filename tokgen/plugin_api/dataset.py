"""Dataset: documents -> ids, contexts, targets.

"abid" at context 3 is five examples: (---, a), (--a, b), (-ab, i), (abi, d), (bid, -). Windows are
cut per batch from one stream of ids; nothing is stored per example.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import EncodedDocuments, Vocabulary


@dataclass(frozen=True, eq=False)
class Windows:
    """Examples for a model of bounded context. Shapes: `contexts` (B, k), `targets` (B,) int64."""

    contexts: Ints
    targets: Ints


class Dataset:
    """Encoded documents as examples: each token, and each document's terminator, is one target."""

    def __init__(self, documents: EncodedDocuments, vocabulary: Vocabulary) -> None:
        self.documents = documents
        self.vocabulary = vocabulary
        count = len(documents)
        lengths = np.diff(documents.offsets)
        self.starts: Ints = documents.offsets[:-1] + np.arange(count)
        ids = documents.ids.astype(np.min_scalar_type(vocabulary.size - 1), copy=False)
        self.stream: NDArray[np.unsignedinteger] = np.insert(
            ids, documents.offsets[1:], vocabulary.terminator_id
        )
        self.lengths: Ints = lengths + 1

    def __len__(self) -> int:
        """How many examples there are: tokens and terminators."""
        return len(self.stream)

    def windows(self, examples: Ints, context: int) -> Windows:
        """The examples at these indices (B,), padded with the terminator left of the beginning."""
        document = np.searchsorted(self.starts, examples, side="right") - 1
        columns = examples[:, None] + np.arange(-context, 0)
        inside = columns >= self.starts[document][:, None]
        contexts = np.where(
            inside, self.stream[np.maximum(columns, 0)], self.vocabulary.terminator_id
        )
        return Windows(contexts.astype(np.int64), self.stream[examples].astype(np.int64))

    def prefixes(self, examples: Ints, context: int) -> Prefixes:
        """What stands before each of these examples (B,), cut to the last `context` tokens."""
        document = np.searchsorted(self.starts, examples, side="right") - 1
        lengths = np.minimum(examples - self.starts[document], context)
        columns = np.maximum(examples[:, None] + np.arange(-context, 0), 0)
        return Prefixes(self.stream[columns].astype(np.int64), lengths)

    def all_windows(self, context: int) -> Windows:
        """Every example, in the order of the documents."""
        return self.windows(np.arange(len(self)), context)

    def documents_at(self, rows: Ints) -> Prefixes:
        """Whole documents (B,) with their terminators, for models without a window."""
        width = int(self.lengths[rows].max())
        columns = (self.starts + self.lengths)[rows][:, None] + np.arange(-width, 0)
        ids = self.stream[np.maximum(columns, 0)].astype(np.int64)
        return Prefixes(ids, self.lengths[rows])

    def batches_of_documents(self, size: int) -> Iterator[tuple[Prefixes, Ints]]:
        """All documents, `size` of like length at a time, each batch with their indices (B,)."""
        by_length = np.argsort(self.lengths, kind="stable")
        for begin in range(0, len(by_length), size):
            rows = by_length[begin : begin + size]
            yield self.documents_at(rows), rows
