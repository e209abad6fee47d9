"""A text by the characters that a tokenizer knows, or the refusal of one that it does not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from tokgen.errors import RequestError
from tokgen.unicode import nfc

Known = Callable[[str], bool]


def known_spelling(text: str, known: Known, which: str) -> str:
    """The text in NFC; a composed character that is not known is split into known parts.

    Args:
        text: any text.
        known: tells whether a character can be encoded.
        which: what the refusal says that a character is "not among".

    Raises:
        RequestError: naming the first character that cannot be spelt, and where it stands.
    """
    normal = nfc(text)
    if all(map(known, set(normal))):
        return normal
    spelt = []
    for position, character in enumerate(normal, start=1):
        parts = _parts(character, known)
        if parts is None:
            raise RequestError(_refusal(character, position, normal, known, which))
        spelt.append(parts)
    return "".join(spelt)


def _parts(character: str, known: Known) -> str | None:
    """Known characters that compose to this one: ậ is a known â or ạ with the other mark."""
    if known(character):
        return character
    letters = unicodedata.normalize("NFD", character)
    if all(map(known, letters)):
        return letters
    for place in reversed(range(1, len(letters))):
        rest, mark = nfc(letters[:place] + letters[place + 1 :]), letters[place]
        if len(rest) == 1 and known(mark) and nfc(rest + mark) == character:
            parts = _parts(rest, known)
            if parts is not None:
                return parts + mark
    return None


def _refusal(character: str, position: int, text: str, known: Known, which: str) -> str:
    other = character.swapcase()
    hint = f" Did you mean {other!r}?" if len(other) == 1 and known(other) else ""
    return (
        f"Character {character!r} at position {position} of {text[:40]!r} is not among {which}."
        f"{hint}"
    )
