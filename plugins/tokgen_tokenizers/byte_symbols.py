"""Symbols that can be printed, for pieces that may be half a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Controls, line and paragraph separators.
UNPRINTABLE = ("Cc", "Zl", "Zp")


def symbols_of(pieces: Iterable[bytes]) -> list[str]:
    """A different symbol for each piece: its text, or `<0xE2><0x80>` where that cannot be printed.

    A text that already is the symbol of another piece is written by its bytes too, and what still
    is not different gets angle brackets.
    """
    taken: dict[str, None] = {}
    for piece in pieces:
        symbol = _text_of(piece)
        if symbol is None or symbol in taken:
            symbol = "".join(f"<0x{byte:02X}>" for byte in piece) or "<>"
        while symbol in taken:
            symbol = f"<{symbol}>"
        taken[symbol] = None
    return list(taken)


def _text_of(piece: bytes) -> str | None:
    """The text of a piece, if it is one that can be seen."""
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return None
    shown = all(unicodedata.category(character) not in UNPRINTABLE for character in text)
    return text if text and shown else None
