"""Text of a corpus or model made safe for a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def inert(text: str) -> str:
    """Text of a corpus or model with control characters made visible, so that it cannot act."""
    if text.isprintable():
        return text
    return "".join(
        repr(character)[1:-1] if unicodedata.category(character)[0] == "C" else character
        for character in text
    )
