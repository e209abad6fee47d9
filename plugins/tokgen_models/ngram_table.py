"""What contexts of one length say of the next token, made of their n-grams' counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.plugin_api import Floats, Ints
from tokgen_models.ngram_counts import Level


@dataclass(frozen=True, eq=False)
class Table:
    """What contexts of one length say.

    Shapes: `contexts` sorted (C,); `begin` (C + 1,) where each one's tokens stand; `tokens`,
    `shares` (G,) what they give to which token; `backoff` (C,) what they leave to the shorter.
    """

    contexts: Ints
    begin: Ints
    tokens: Ints
    shares: Floats
    backoff: Floats

    def find(self, contexts: Ints) -> tuple[Ints, Ints]:
        """Which rows' contexts (B,) are known, and where they stand."""
        if not len(self.contexts):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        rows = np.flatnonzero(self.contexts[places] == contexts)
        return rows, places[rows]

    def add_shares(self, matrix: Floats, rows: Ints, places: Ints) -> None:
        """Add each place's shares to its row of the matrix (B, V)."""
        lengths = self.begin[places + 1] - self.begin[places]
        first = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(self.begin[places] - first, lengths)
        matrix[np.repeat(rows, lengths), self.tokens[at]] += self.shares[at]


def kneser_ney(level: Level, base: int) -> Table:
    """Discounted relative counts, and the discounted mass as what is left to shorter contexts."""
    contexts, begin = _contexts(level, base)
    discounts = modified_discounts(level.counts)[np.minimum(level.counts, 3)]
    totals = _sums(level.counts.astype(np.float64), begin)
    lengths = np.diff(begin)
    shares = (level.counts - discounts) / np.repeat(totals, lengths)
    return Table(contexts, begin, level.grams % base, shares, _sums(discounts, begin) / totals)


def relative_frequencies(level: Level, base: int) -> Table:
    """Plain counts, for add-k."""
    contexts, begin = _contexts(level, base)
    counts = level.counts.astype(np.float64)
    return Table(contexts, begin, level.grams % base, counts, np.zeros(len(contexts)))


def modified_discounts(counts: Ints) -> Floats:
    """What is taken from counts of 0, 1, 2 and 3 or more (4,): Chen & Goodman 1999, equation 26.

    Where too few counts occur for the estimate (or it is no discount), 0.5, 1 and 1.5 stand in.
    """
    n1, n2, n3, n4 = (float((counts == value).sum()) for value in (1, 2, 3, 4))
    discounts = np.array([0.0, 0.5, 1.0, 1.5])
    if n1 and n2 and n3 and n4:
        y = n1 / (n1 + 2 * n2)
        estimated = [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
        valid = [0 < value < most for value, most in zip(estimated[1:], (1, 2, 3), strict=True)]
        discounts[1:] = np.where(valid, estimated[1:], discounts[1:])
    return discounts


def _contexts(level: Level, base: int) -> tuple[Ints, Ints]:
    contexts, begin = np.unique(level.grams // base, return_index=True)
    return contexts, np.append(begin, len(level.grams)).astype(np.int64)


def _sums(values: Floats, begin: Ints) -> Floats:
    sums: Floats = np.add.reduceat(values, begin[:-1]) if len(values) else np.zeros(0)
    return sums
