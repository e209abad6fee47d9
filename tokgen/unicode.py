"""Unicode: the one normal form of text, and text made safe for a terminal."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\ufffd"

_INERT = "\n"
_JAMO_VOWELS_AND_FINALS = range(0x1160, 0x1200)


def nfc(text: str) -> str:
    """The text in NFC, the one normal form (Unicode Standard Annex 15).

    All text takes this form where it comes in, so that equal-looking texts are equal.
    """
    return unicodedata.normalize("NFC", text)


def all_texts_are_nfc(characters: str) -> bool:
    """Whether every text of these characters is in NFC: none compose and none change places.

    Single characters and pairs decide it: what stands between two characters can keep them from
    composing or changing places, but cannot make them do so.
    """
    if not unicodedata.is_normalized("NFC", _INERT.join(characters)):
        return False
    return all(
        unicodedata.is_normalized("NFC", "".join(first + second + _INERT for first in characters))
        for second in filter(_can_change_what_stands_before, characters)
    )


def _can_change_what_stands_before(character: str) -> bool:
    """A superset of all second characters of compositions, and of those that change places."""
    return (
        unicodedata.category(character)[0] == "M"
        or unicodedata.combining(character) != 0
        or ord(character) in _JAMO_VOWELS_AND_FINALS
    )


def inert(text: str) -> str:
    """Text of a corpus or model with control characters made visible, so that it cannot act."""
    if text.isprintable():
        return text
    return "".join(
        repr(character)[1:-1] if unicodedata.category(character)[0] == "C" else character
        for character in text
    )
