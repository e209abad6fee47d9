"""Unicode: the one normal form of text, and text made safe for a terminal."""

from __future__ import annotations

import re
import unicodedata

from tokgen.errors import RequestError

REPLACEMENT = "\ufffd"

_SIGNS = {" ": "␣", "\t": "⇥", "\n": "⏎"}
_INERT = "\n"
_JAMO_VOWELS_AND_FINALS = range(0x1160, 0x1200)
_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def nfc(text: str) -> str:
    """The text in NFC, the normal form that tokgen uses (Unicode Standard Annex 15).

    All text takes this form where it comes in, so that equal-looking texts are equal.

    Raises:
        RequestError: the argument is no `str`.
    """
    try:
        return unicodedata.normalize("NFC", text)
    except TypeError:
        raise RequestError(f"A text is needed, not {type(text).__name__}.") from None


def all_texts_are_nfc(characters: str) -> bool:
    """Whether every text of these characters is in NFC: none compose, none change places.

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
    """Text from outside as a terminal may get it: what would act there is written as an escape.

    These act: control characters (category Cc, tab and line feed among them), the bidirectional
    embeddings, overrides and isolates (U+202A-202E, U+2066-2069), which can show a line in an order
    that it does not have, and what no output or no picture can hold (lone surrogates, U+FFFE and
    U+FFFF). All else is left: the joiners of Persian, of Indian scripts and of emoji are letters
    like others.
    """
    return _ACTING.sub(lambda found: repr(found[0])[1:-1], text)


def inert_json(text: str) -> str:
    """The same for JSON on one line: its own escapes, so that a reader gets the same values."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def on_one_line(text: str) -> str:
    r"""Text as a line of a file: a line feed in it is written \n, a carriage return \r."""
    return text.replace("\n", r"\n").replace("\r", r"\r")


def shown_symbol(symbol: str) -> str:
    """A token's symbol where it stands by itself: as `shown_symbols`, and never without a shape.

    A single character that has none, as a joiner, is shown as its number.
    """
    if len(symbol) == 1 and symbol not in _SIGNS and not symbol.isprintable():
        return repr(symbol)[1:-1]
    return shown_symbols(symbol)


def shown_symbols(text: str) -> str:
    r"""Symbols joined for display: `␣`, `⇥` and `⏎` stand for space, tab and newline.

    A symbol that holds one of these signs itself shows it as its number, so that no two look alike.
    """
    return "".join(map(_shown_character, text))


def _shown_character(character: str) -> str:
    if character in _SIGNS.values():
        return f"\\u{ord(character):04x}"
    return _SIGNS.get(character) or inert(character)
