"""Counting n-grams of every length up to an order, with array operations only.

An n-gram is one integer, its symbols the digits in base V + 2, the predicted token the lowest digit
and what stands further left the higher ones; so `gram // base` is the context and the remainder
of a division by a power of the base drops symbols from the left. Two symbols are added to the
vocabulary's: START (V), once before each document, and ABSENT (V + 1), for what is further left.
Where the vocabulary has a start id, that stands before each document, and START is not used.
ABSENT is only a digit of whole windows here and never of an n-gram: padding is not evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api import Dataset, Ints, RequestError, Vocabulary

EVENTS_AT_ONCE = 1 << 22
LARGEST_TABLE = 1 << 25


@dataclass(frozen=True, eq=False)
class Level:
    """The n-grams with contexts of one length. Shapes: `grams` sorted (G,); `counts` (G,)."""

    grams: Ints
    counts: Ints


def base_of(vocabulary_size: int) -> int:
    """The base in which n-grams are coded."""
    return vocabulary_size + 2


def highest_order(vocabulary_size: int) -> int:
    """The most symbols of which an n-gram's code still fits 63 bits."""
    base, order = base_of(vocabulary_size), 1
    while base ** (order + 1) < 1 << 63:
        order += 1
    return order


def start_symbol(vocabulary: Vocabulary) -> int:
    """What stands once before each document: the start id, or else START."""
    return vocabulary.size if vocabulary.start_id is None else vocabulary.start_id


def count_levels(dataset: Dataset, order: int, *, continuations: bool) -> list[Level]:
    """The n-grams with contexts of 0 … `order` - 1 symbols.

    The longest are counted as they occur. Of shorter ones either all occurrences are counted too,
    or (`continuations`, Kneser & Ney 1995) the different symbols that stood before them; what
    begins with START has nothing before it and keeps its number of occurrences.

    Raises:
        RequestError: n-grams of this order do not fit 63 bits.
    """
    base, highest = base_of(dataset.vocabulary.size), highest_order(dataset.vocabulary.size)
    if order > highest:
        raise RequestError(
            f"Model 'ngram': order {order} is too high for a vocabulary of "
            f"{dataset.vocabulary.size:,} symbols; the highest is {highest}."
        )
    windows = _count_windows(dataset, order)
    start = start_symbol(dataset.vocabulary)
    levels = [_whole(windows, order, base)]
    for context in range(order - 2, -1, -1):
        longer = levels[0]
        weights = np.ones_like(longer.counts) if continuations else longer.counts
        shortened = Level(longer.grams % base ** (context + 1), weights)
        levels.insert(0, _summed([shortened, _at_beginning(windows, context, start, base)]))
    return levels


def _count_windows(dataset: Dataset, order: int) -> Level:
    """Every window of `order` symbols that ends at a token, ABSENT digits included."""
    base = base_of(dataset.vocabulary.size)
    # A table is faster than sorting where there are about as many events as places in it.
    if base**order <= min(LARGEST_TABLE, 4 * len(dataset)):
        table = np.zeros(base**order, dtype=np.int64)
        for begin in range(0, len(dataset), EVENTS_AT_ONCE):
            table += np.bincount(_codes(dataset, begin, order), minlength=len(table))
        grams = np.flatnonzero(table)
        return Level(grams, table[grams])
    counted = Level(np.zeros(0, np.int64), np.zeros(0, np.int64))
    for begin in range(0, len(dataset), EVENTS_AT_ONCE):
        grams, counts = np.unique(_codes(dataset, begin, order), return_counts=True)
        counted = _summed([counted, Level(grams, counts)])
    return counted


def _codes(dataset: Dataset, begin: int, order: int) -> Ints:
    """The windows (B,) of the events from `begin` on, `EVENTS_AT_ONCE` at most."""
    end = min(begin + EVENTS_AT_ONCE, len(dataset))
    start, absent = start_symbol(dataset.vocabulary), dataset.vocabulary.size + 1
    position = _positions(dataset, begin, end)
    codes = dataset.stream[begin:end].astype(np.int64)
    for back in range(1, order):
        place = base_of(dataset.vocabulary.size) ** back
        symbols: NDArray[Any] = np.full(end - begin, absent, dtype=np.int64)
        reach = max(begin - back, 0)
        before = dataset.stream[reach : max(end - back, reach)]
        symbols[len(symbols) - len(before) :] = before
        symbols[position == back - 1] = start
        symbols[position < back - 1] = absent
        codes += symbols * place
    return codes


def _positions(dataset: Dataset, begin: int, end: int) -> Ints:
    """How many tokens of its document stand before each event from `begin` to `end` (B,)."""
    first = int(np.searchsorted(dataset.starts, begin, side="right")) - 1
    last = int(np.searchsorted(dataset.starts, end, side="left"))
    starts = dataset.starts[first:last]
    lengths = np.diff(np.append(np.maximum(starts, begin), end))
    return np.arange(begin, end) - np.repeat(starts, lengths)


def _whole(windows: Level, order: int, base: int) -> Level:
    """The windows without an ABSENT digit."""
    absent = base - 1
    whole = windows.grams // base ** (order - 1) != absent
    if order == 1:
        whole[:] = True
    return Level(windows.grams[whole], windows.counts[whole])


def _at_beginning(windows: Level, context: int, start: int, base: int) -> Level:
    """The n-grams that begin with the start symbol and have `context` symbols before the last."""
    absent = base - 1
    if context == 0:
        return Level(np.zeros(0, np.int64), np.zeros(0, np.int64))
    digit = windows.grams // base**context % base
    left_of_it = windows.grams // base ** (context + 1) % base
    chosen = (digit == start) & (left_of_it == absent)
    return Level(windows.grams[chosen] % base ** (context + 1), windows.counts[chosen])


def _summed(levels: list[Level]) -> Level:
    grams = np.concatenate([level.grams for level in levels])
    counts = np.concatenate([level.counts for level in levels])
    # Sorted n-grams without their leftmost symbol are as many sorted runs as there are symbols, and
    # a stable sort merges runs.
    order = np.argsort(grams, kind="stable")
    ordered = grams[order]
    begin = np.flatnonzero(np.diff(ordered, prepend=-1))
    totals = np.add.reduceat(counts[order], begin) if len(begin) else counts
    return Level(ordered[begin], totals)
