"""Prefixes: what stands before the next token, as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    pass
from tokgen.arrays import Ints, row_numbers


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


def distinct_prefixes(prefixes: Prefixes) -> tuple[Prefixes, Ints]:
    """The different prefixes, and for each row (B,) which of them it is."""
    # One more than any id stands left of a beginning, so that lengths tell prefixes apart too.
    outside = int(prefixes.ids.max(initial=0)) + 1
    numbers = row_numbers(prefixes.padded(prefixes.ids.shape[1], outside), outside + 1)
    _, first, rows = np.unique(numbers, return_index=True, return_inverse=True)
    return prefixes.select(first), rows.reshape(-1)
