"""How an n-gram comes to its distribution: what was counted after each context, shortest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.plugin_api import Explanation, Floats, Ints
from tokgen_models.ngram_counts import Level
from tokgen_models.ngram_table import Table, modified_discounts

SUMS = ("all", "different", "D of 1", "D of 2", "D of 3 and more", "left")
INTERPOLATED = ("count", "D", "(count − D) / all", "+ left × shorter", "= probability")
ADDED = ("count", "+ k", "(count + k) / (all + k × tokens)")


@dataclass(frozen=True, eq=False)
class Counted:
    """The counts (V,) after one context, all zero where it was never seen.

    Attributes:
        context: in words.
        kind: of the counts, in words.
        discounts: of counts of 0, 1, 2 and 3 or more (4,).
    """

    context: str
    kind: str
    counts: Ints
    discounts: Floats

    @classmethod
    def after(
        cls, context: str, kind: str, code: int, level: Level, table: Table, size: int
    ) -> Counted:
        """What the n-grams of one level say of the context with this code."""
        counts = np.zeros(size, np.int64)
        _, places = table.find(np.array([code]))
        for place in places.tolist():
            followers = slice(table.begin[place], table.begin[place + 1])
            counts[table.tokens[followers]] = level.counts[followers]
        return cls(context, kind, counts, modified_discounts(level.counts))


def interpolated(
    counted: Sequence[Counted], without_counts: Floats, symbols: tuple[str, ...]
) -> Iterator[Explanation]:
    """Chen & Goodman 1999, equation 26, context by context, from what all tokens get alike (V,)."""
    probabilities = without_counts
    yield Explanation("before anything is counted: all tokens alike", probabilities, symbols)
    for each in counted:
        total = each.counts.sum()
        if not total:
            yield _never_seen(each)
            continue
        discounts = each.discounts[np.minimum(each.counts, 3)]
        left = discounts.sum() / total
        shares, passed = (each.counts - discounts) / total, left * probabilities
        probabilities = shares + passed
        sums = np.array([total, (each.counts > 0).sum(), *each.discounts[1:], left])
        yield Explanation(f"{each.context}: sums of its {each.kind}, discounts D", sums, SUMS)
        table = np.column_stack([each.counts, discounts, shares, passed, probabilities])
        yield Explanation(f"{each.context}: each token", table, symbols, INTERPOLATED)


def added(counted: Sequence[Counted], k: Floats, symbols: tuple[str, ...]) -> Iterator[Explanation]:
    """Lidstone's estimate after the longest context that was seen; `k` (V,) for each token."""
    seen = [number for number, each in enumerate(counted) if each.counts.any()][-1]
    longest = counted[seen]
    total = longest.counts.sum()
    sums = np.array([total, (longest.counts > 0).sum(), k.max(), (k > 0).sum()])
    names = ("all", "different", "k", "tokens")
    yield Explanation(f"{longest.context}: sums of its {longest.kind}", sums, names)
    more = longest.counts + k
    table = np.column_stack([longest.counts, more, more / (total + k.sum())])
    yield Explanation(f"{longest.context}: each token", table, symbols, ADDED)
    yield from map(_never_seen, counted[seen + 1 :])


def _never_seen(counted: Counted) -> Explanation:
    name = f"{counted.context}: never seen, so that what the shorter context says stays"
    return Explanation(name, np.zeros(1), ("all",))
