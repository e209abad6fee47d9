"""The symbol of the terminator: one that nothing else in the vocabulary has."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count

# A symbol of several characters equals none of a corpus.
TERMINATORS = ("-", "␃", "⟨end⟩")


def terminator_symbol(symbols: Collection[str]) -> str:
    """A symbol for the terminator that is none of these symbols: the first free one of a list."""
    candidates = chain(TERMINATORS, (f"⟨end {number}⟩" for number in count(2)))
    return next(symbol for symbol in candidates if symbol not in symbols)
