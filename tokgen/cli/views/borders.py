"""Tokens in a row: where a token can be longer than a character, their borders show."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.unicode import shown_symbols

BORDER = "·"


def border_of(symbols: Sequence[str]) -> str:
    """What stands between two tokens of a vocabulary with these symbols."""
    return BORDER if any(len(symbol) > 1 for symbol in symbols) else ""


def shown_row(tokens: Sequence[str], symbols: Sequence[str]) -> str:
    """The tokens one after the other, of a vocabulary with these symbols."""
    return border_of(symbols).join(map(shown_symbols, tokens))
