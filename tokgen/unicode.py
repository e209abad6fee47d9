"""The one normal form of text, and text made safe for a terminal."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """The text in Unicode's normalisation form C, in which all of tokgen compares texts.

    An accent typed apart and the letter that holds it are then the same. Wherever text comes in,
    from a corpus, a prefix, a condition or a line of the session, it is brought into this form.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def inert(text: str) -> str:
    """Text of a corpus or model with control characters made visible, so that it cannot act."""
    if text.isprintable():
        return text
    return "".join(
        repr(character)[1:-1] if unicodedata.category(character)[0] == "C" else character
        for character in text
    )
