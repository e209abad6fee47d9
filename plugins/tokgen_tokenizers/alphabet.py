"""Alphabet: the characters of a corpus, whatever they are, and a terminator.

Texts are normalised to NFC, so that an accent typed apart is the same as one typed with its letter.
A character is a Unicode code point; clusters such as emoji with modifiers are several tokens.
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
    Tokenizer,
    all_texts_are_nfc,
    known_spelling,
    nfc,
    terminator_symbol,
)
from tokgen_tokenizers.joined import joined


class Alphabet(Tokenizer):
    """One id a character, in the order of code points; the terminator is the last id."""

    def __init__(self, characters: str) -> None:
        self.symbols = (*characters, terminator_symbol(characters))
        self.terminator_id = len(characters)
        self._ids = {character: number for number, character in enumerate(characters)}
        self.unique_spelling = all_texts_are_nfc(characters)

    @classmethod
    def fit(cls, options: PluginOptions, documents: Documents, characters: str) -> Self:
        """The alphabet of the corpus."""
        return cls(characters)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The alphabet that was saved.

        Raises:
            ValueError: it is no string of different characters.
        """
        characters = state.get("characters")
        if not isinstance(characters, str) or len(set(characters)) != len(characters):
            raise ValueError("the alphabet is no string of different characters")
        return cls(characters)

    def to_json(self) -> dict[str, Any]:
        """The characters, in the order of their ids."""
        return {"characters": "".join(self._ids)}

    def encode(self, text: str) -> list[int]:
        """Ids of a text, normalised first.

        Raises:
            RequestError: naming the first character that the corpus did not have.
        """
        which = f"the {len(self._ids)} of this corpus"
        return [self._ids[each] for each in known_spelling(text, self._ids.__contains__, which)]

    def decode(self, ids: Sequence[int]) -> str:
        """Characters of the ids, up to a terminator."""
        characters = []
        for token in ids:
            if token == self.terminator_id:
                break
            characters.append(self.symbols[token])
        return nfc("".join(characters))

    def pieces(self) -> list[bytes] | None:
        """The characters' own bytes; none where two of them may become one across a border."""
        if not self.unique_spelling:
            return None
        return [character.encode() for character in self._ids] + [b""]

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Every character is certain at once."""
        return EncodedPrefix(tuple(self.encode(text)), b"")

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """All documents at once, by table look-up on their code points.

        Raises:
            RequestError: naming the first document with a character that is not in the alphabet.
        """
        points, offsets = _code_points(documents)
        known = np.array([ord(character) for character in self._ids], dtype=np.int64)
        places = np.minimum(np.searchsorted(known, points), max(len(known) - 1, 0))
        if not len(known) or (known[places] != points).any():
            return super().encode_documents(documents)
        return EncodedDocuments(places.astype(np.min_scalar_type(len(known))), offsets)


def _code_points(documents: Documents) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The normalised code points of all documents (N,), and where each document begins (D + 1,)."""
    content, offsets = joined(documents)
    text = content.tobytes().decode()
    if not unicodedata.is_normalized("NFC", text):
        normal = [unicodedata.normalize("NFC", each) for each in documents]
        if normal != list(documents):
            return _code_points(Documents.of(normal))
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum((content & 0xC0) != 0x80)])
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    return points, begins[offsets]
