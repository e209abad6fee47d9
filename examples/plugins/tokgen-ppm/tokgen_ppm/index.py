"""Where each context occurs in the training documents, without storing any context.

All training tokens are sorted by what stands before each, read backwards. Then the occurrences of
a context are one range of rows, and the range of the context with one token more follows from two
counts (backward search: Ferragina & Manzini 2000, on the transform of Burrows & Wheeler 1994).
"""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Dataset, Ints


def following_in_order(train: Dataset) -> Ints:
    """The training tokens (N,), sorted by what stands before each in its document."""
    size = train.vocabulary.size
    numbers = np.arange(len(train))
    before = numbers - np.repeat(train.starts, train.lengths)
    stream = train.stream.astype(np.int64)
    rank = np.where(before > 0, stream[numbers - 1], size)
    reach = 1
    while reach <= before.max(initial=0):
        earlier = np.where(before >= reach, rank[numbers - reach] + 1, 0)
        pairs = rank * (max(int(rank.max()), size) + 2) + earlier
        rank = np.unique(pairs, return_inverse=True)[1].reshape(-1)
        reach *= 2
    return stream[np.argsort(rank, kind="stable")]


class ContextIndex:
    """Ranges of rows of contexts: `begin` and `end` may have any shape, equal where there is none.

    Attributes:
        beginning: the range of rows that stand at the beginning of a document.
    """

    def __init__(self, following: Ints, size: int, terminator_id: int) -> None:
        rows = len(following)
        self._rows = rows
        self._keys = np.sort(following * (rows + 1) + np.arange(rows))
        self._tokens = np.arange(size)
        self._first = np.searchsorted(self._keys, self._tokens * (rows + 1))
        counts = np.bincount(following, minlength=size)
        inside = counts.copy()
        inside[terminator_id] = 0
        self._offset = np.cumsum(inside) - inside
        self._never_before = terminator_id
        self.beginning = (rows - int(counts[terminator_id]), rows)

    def counts(self, begin: Ints, end: Ints) -> Ints:
        """How often each token follows in the ranges (...): (..., V)."""
        tokens = self._tokens
        return self._rank(end[..., None], tokens) - self._rank(begin[..., None], tokens)

    def extended(self, begin: Ints, end: Ints, tokens: Ints) -> tuple[Ints, Ints]:
        """The ranges (B, K) of the same contexts with `tokens` (B,) appended."""
        column = tokens[:, None]
        offset = self._offset[column]
        occurs = column != self._never_before
        low = offset + self._rank(begin, column)
        high = np.where(occurs, offset + self._rank(end, column), low)
        return low, high

    def _rank(self, positions: Ints, tokens: Ints) -> Ints:
        """How many rows before these positions are followed by the token."""
        wanted = tokens * (self._rows + 1) + positions
        return np.searchsorted(self._keys, wanted) - self._first[tokens]
