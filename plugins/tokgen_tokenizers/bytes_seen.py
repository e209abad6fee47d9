"""Bytes: one id for each byte of UTF-8 that the corpus has, and a terminator.

UTF-8 writes a character beyond ASCII as two to four bytes (RFC 3629), so that a vocabulary of at
most 256 tokens spells every script. ByT5 reads text in this way (Xue et al. 2022, "ByT5: Towards a
token-free future with pre-trained byte-to-byte models", arXiv 2105.13626).

ByT5 has all 256 bytes. Here are those that the corpus has: a byte that is never seen would only
take probability, and all bytes together spell combining accents, after which no condition on the
text could be computed exactly (see `pieces`). The price is that a text with another byte is
refused, and the refusal names the character.

A model may draw bytes that are no UTF-8. They are shown as U+FFFD.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api import (
    Documents,
    EncodedDocuments,
    EncodedPrefix,
    PluginOptions,
    known_spelling,
    terminator_symbol,
)
from tokgen_tokenizers.byte_symbols import symbols_of
from tokgen_tokenizers.joined import joined
from tokgen_tokenizers.spelt_tokenizer import SpeltTokenizer

ASCII = 0x80


class Bytes(SpeltTokenizer):
    """One id a byte of UTF-8 that the corpus has."""

    def __init__(self, seen: Sequence[int]) -> None:
        pieces = [bytes([byte]) for byte in seen]
        symbols = symbols_of(pieces)
        super().__init__(
            [*pieces, b""],
            [*symbols, terminator_symbol(symbols)],
            len(pieces),
            spellable(frozenset(seen)),
        )
        # Bytes of longer characters can also stand alone, which no text spells.
        self.unique_spelling = all(byte < ASCII for byte in seen)
        self._seen = frozenset(seen)
        self._ids = np.zeros(256, np.uint8)
        self._ids[list(seen)] = np.arange(len(pieces))

    @classmethod
    def fit(cls, options: PluginOptions, documents: Documents, characters: str) -> Self:
        """The bytes of the characters of the whole corpus."""
        return cls(sorted(set(characters.encode())))

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The bytes that were saved.

        Raises:
            ValueError: they are no ascending bytes.
        """
        seen = state.get("bytes")
        if not isinstance(seen, list) or any(type(byte) is not int for byte in seen):
            raise ValueError("the bytes are no list of integers")
        if seen != sorted(set(seen)) or not set(seen) <= set(range(256)):
            raise ValueError("the bytes are not different ones from 0 to 255 in ascending order")
        return cls(seen)

    def to_json(self) -> dict[str, Any]:
        """The numbers of the bytes, ascending."""
        return {"bytes": sorted(self._seen)}

    def encode(self, text: str) -> list[int]:
        """Ids of the bytes of a text, normalised first.

        Raises:
            RequestError: naming the first character with a byte that the corpus does not have.
        """
        which = f"those that the {len(self._seen)} bytes of this corpus spell"
        spelt = known_spelling(text, self._spells, which).encode()
        return self._ids[np.frombuffer(spelt, np.uint8)].tolist()

    def _spells(self, character: str) -> bool:
        return self._seen.issuperset(character.encode("utf-8", "surrogatepass"))

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Every byte is certain at once."""
        return EncodedPrefix(tuple(self.encode(text)), b"")

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """All documents at once, by table look-up on their bytes.

        Raises:
            RequestError: naming the first document with a byte that the corpus does not have.
        """
        content, offsets = joined(documents)
        text = content.tobytes()
        if self._seen.issuperset(text) and unicodedata.is_normalized("NFC", text.decode()):
            return EncodedDocuments(self._ids[content], offsets)
        return super().encode_documents(documents)


def spellable(seen: frozenset[int]) -> str:
    """All characters, in order, whose bytes are all among these."""
    points = np.concatenate([_led_by(byte) for byte in sorted(seen)] or [np.zeros(0, np.uint32)])
    content = np.frombuffer(_text_of(points).encode(), np.uint8)
    known = np.isin(content, np.array(sorted(seen), np.uint8))
    begins = np.flatnonzero((content & 0xC0) != 0x80)
    return _text_of(points[np.logical_and.reduceat(known, begins)]) if len(points) else ""


# For characters of two, three and four bytes: the first bytes, the bits that follow, the least.
_LEADS = ((0xC0, 0xE0, 6, 0x80), (0xE0, 0xF0, 12, 0x800), (0xF0, 0xF5, 18, 0x10000))


def _led_by(byte: int) -> NDArray[np.uint32]:
    """The code points whose UTF-8 begins with this byte (RFC 3629, section 3)."""
    if byte < ASCII:
        return np.array([byte], np.uint32)
    for lead, after_last, bits, least in _LEADS:
        if lead <= byte < after_last:
            first = (byte - lead) << bits
            points = np.arange(max(first, least), min(first + (1 << bits), 0x110000))
            surrogate = (points >= 0xD800) & (points < 0xE000)
            return points[~surrogate].astype(np.uint32)
    return np.zeros(0, np.uint32)


def _text_of(points: NDArray[np.uint32]) -> str:
    return points.astype("<u4").tobytes().decode("utf-32-le")
