"""Prefixes: what stands before the next token, as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Ints, read_only, row_numbers


@dataclass(frozen=True, eq=False)
class Prefixes:
    """B prefixes of documents, each with the values of C columns.

    The last `lengths[row]` ids of a row count; a model must not depend on those left of them. A row
    that is shorter than a model's context begins at the document's beginning. A terminator among
    the ids that count is a token like any other.

    Attributes:
        ids: (B, T) int64, right-aligned.
        lengths: (B,) int64, how many of a row's ids count.
        given: (B, C) int64, the id of the value of each column of the vocabulary, 0 for unknown.
    """

    ids: Ints
    lengths: Ints
    given: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], given: Sequence[int] = ()) -> Prefixes:
        """Prefixes from B lists of ids, all with the same values `given` (C,)."""
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        ids = np.zeros((len(rows), max(lengths, default=0)), dtype=np.int64)
        for row, content in zip(ids, rows, strict=True):
            row[len(row) - len(content) :] = content
        values = np.array(given, dtype=np.int64)
        return cls(ids, lengths, np.repeat(values[None], len(rows), axis=0))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: int) -> list[int]:
        """The ids of one prefix.

        Raises:
            TypeError: `row` is no number of a row, but a slice or several indices.
        """
        if not isinstance(row, (int, np.integer)):
            raise TypeError(
                "prefixes are no array: prefixes[row] is the list of one row's ids, and "
                "prefixes.padded(width, padding) the last ids of all rows (B, width)"
            )
        width = self.ids.shape[1]
        return [int(token) for token in self.ids[row, width - int(self.lengths[row]) :]]

    def select(self, rows: Ints | slice) -> Prefixes:
        """The prefixes at `rows` (B',): dropped, repeated or reordered; a slice copies nothing."""
        return Prefixes(self.ids[rows], self.lengths[rows], self.given[rows])

    def append(self, tokens: Ints) -> Prefixes:
        """Each prefix with one more token (B,)."""
        ids = np.hstack([self.ids, tokens[:, None]])
        return Prefixes(ids, self.lengths + 1, self.given)

    def join(self, others: Prefixes) -> Prefixes:
        """These prefixes followed by the others."""
        width = max(self.ids.shape[1], others.ids.shape[1])
        ids = np.concatenate([self.padded(width, 0), others.padded(width, 0)])
        lengths = np.concatenate([self.lengths, others.lengths])
        return Prefixes(ids, lengths, np.concatenate([self.given, others.given]))

    def last(self, context_length: int | None) -> Prefixes:
        """Each prefix cut to its last `context_length` tokens; None keeps all."""
        if context_length is None or self.ids.shape[1] <= context_length:
            return self
        start = self.ids.shape[1] - context_length
        lengths = np.minimum(self.lengths, context_length)
        return Prefixes(self.ids[:, start:], lengths, self.given)

    def read_only(self) -> Prefixes:
        """The same prefixes in read-only arrays."""
        return Prefixes(read_only(self.ids), read_only(self.lengths), read_only(self.given))

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


def distinct_prefixes(prefixes: Prefixes) -> tuple[Prefixes, Ints]:
    """The different prefixes, and for each row (B,) which of them it is."""
    # One more than any id stands left of a beginning, so that lengths tell prefixes apart too.
    outside = max(int(prefixes.ids.max(initial=0)), int(prefixes.given.max(initial=0))) + 1
    contents = np.hstack([prefixes.padded(prefixes.ids.shape[1], outside), prefixes.given])
    numbers = row_numbers(contents, outside + 1)
    _, first, rows = np.unique(numbers, return_index=True, return_inverse=True)
    return prefixes.select(first), rows.reshape(-1)
