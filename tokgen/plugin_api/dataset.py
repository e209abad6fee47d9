"""Dataset: documents -> ids, contexts, targets.

"abid" at context 3 is five examples: (---, a), (--a, b), (-ab, i), (abi, d), (bid, -). Windows are
cut per batch from one stream of ids; nothing is stored per example.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints, read_only
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Windows:
    """Examples for a model of bounded context.

    Shapes: `contexts` (B, k), `targets` (B,), `given` (B, C), all int64.
    """

    contexts: Ints
    targets: Ints
    given: Ints


class Dataset:
    """Encoded documents as examples: each token and each document's terminator is a target.

    Where the vocabulary has a start id, each document begins with it, and it is no target. The
    arrays are read-only.

    Attributes:
        stream: (N,) the targets, document after document, each document with its terminator.
        starts: (D,) where each document begins in the stream.
        lengths: (D,) how many targets each document has.
        given: (D, C) the id of the value of each column, 0 for unknown.
    """

    def __init__(
        self, documents: EncodedDocuments, vocabulary: Vocabulary, given: Ints | None = None
    ) -> None:
        self.documents = documents
        self.vocabulary = vocabulary
        count = len(documents)
        columns = len(vocabulary.columns)
        values = np.zeros((count, columns), np.int64) if given is None else given
        self.given: Ints = read_only(values)
        self.starts: Ints = read_only(documents.offsets[:-1] + np.arange(count))
        self.lengths: Ints = read_only(np.diff(documents.offsets) + 1)
        ids = documents.ids.astype(np.min_scalar_type(vocabulary.size - 1), copy=False)
        self.stream: NDArray[np.unsignedinteger] = read_only(
            np.insert(ids, documents.offsets[1:], vocabulary.terminator_id)
        )

    def __len__(self) -> int:
        """How many examples there are: tokens and terminators."""
        return len(self.stream)

    def without_columns(self) -> Dataset:
        """The same examples for a model that reads no columns."""
        return Dataset(self.documents, self.vocabulary.with_columns({}))

    def windows(self, examples: Ints, context: int) -> Windows:
        """The examples at these indices (B,), padded with the terminator left of the beginning."""
        prefixes = self.prefixes(examples, context)
        contexts = prefixes.padded(context, self.vocabulary.terminator_id)
        return Windows(contexts, self.stream[examples].astype(np.int64), prefixes.given)

    def prefixes(self, examples: Ints, context: int) -> Prefixes:
        """The prefix of each of these examples (B,), cut to the last `context` tokens."""
        document = np.searchsorted(self.starts, examples, side="right") - 1
        before = examples - self.starts[document]
        columns = examples[:, None] + np.arange(-context, 0)
        ids = self.stream[np.maximum(columns, 0)].astype(np.int64)
        start = self.vocabulary.start_id
        if start is not None:
            ids[np.arange(-context, 0) == -1 - before[:, None]] = start
            before = before + 1
        return Prefixes(ids, np.minimum(before, context), self.given[document])

    def all_windows(self, context: int) -> Windows:
        """Every example, in the order of the documents."""
        return self.windows(np.arange(len(self)), context)

    def documents_at(self, rows: Ints) -> Prefixes:
        """Whole documents (B,) with their terminators, without a start id."""
        width = int(self.lengths[rows].max())
        columns = (self.starts + self.lengths)[rows][:, None] + np.arange(-width, 0)
        ids = self.stream[np.maximum(columns, 0)].astype(np.int64)
        return Prefixes(ids, self.lengths[rows], self.given[rows])

    def batches_of_documents(self, size: int) -> Iterator[tuple[Prefixes, Ints]]:
        """All documents in batches of `size` of like length, each batch with its indices (B,)."""
        by_length = np.argsort(self.lengths, kind="stable")
        for begin in range(0, len(by_length), size):
            rows = by_length[begin : begin + size]
            yield self.documents_at(rows), rows
