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

from tokgen.plugin_api import Documents, EncodedDocuments, PluginOptions, RequestError, Tokenizer

TERMINATOR, OTHER_TERMINATOR = "-", "␃"


class Alphabet(Tokenizer):
    """One id a character, in the order of code points; the terminator is the last id."""

    tokgen_api = 1

    def __init__(self, characters: str) -> None:
        shown = OTHER_TERMINATOR if TERMINATOR in characters else TERMINATOR
        self.symbols = (*characters, shown)
        self.terminator_id = len(characters)
        self._ids = {character: number for number, character in enumerate(characters)}

    @classmethod
    def fit(cls, options: PluginOptions, documents: Documents) -> Self:
        """The alphabet of these documents."""
        return cls("".join(map(chr, np.unique(_code_points(documents)[0]).tolist())))

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The alphabet that was saved.

        Raises:
            ValueError: it is no string of different characters.
        """
        characters = state["characters"]
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
        normal = unicodedata.normalize("NFC", text)
        for position, character in enumerate(normal, start=1):
            if character not in self._ids:
                raise RequestError(self._unknown(character, position, normal))
        return [self._ids[character] for character in normal]

    def _unknown(self, character: str, position: int, text: str) -> str:
        other = character.swapcase()
        hint = f" Did you mean {other!r}?" if other in self._ids else ""
        return (
            f"Character {character!r} at position {position} of {text[:40]!r} is not among the "
            f"{len(self._ids)} of this corpus.{hint}"
        )

    def decode(self, ids: Sequence[int]) -> str:
        """Characters of the ids, up to a terminator."""
        characters = []
        for token in ids:
            if token == self.terminator_id:
                break
            characters.append(self.symbols[token])
        return "".join(characters)

    def bytes_of_ids(self) -> NDArray[np.uint8] | None:
        """The characters' own bytes, where all are ASCII."""
        characters = "".join(self._ids)
        if not characters.isascii():
            return None
        return np.frombuffer((characters + TERMINATOR).encode(), np.uint8)

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """All documents at once, by table look-up on their code points.

        Raises:
            RequestError: naming the first document with a character that is not in the alphabet.
        """
        points, offsets = _code_points(documents)
        known = np.array([ord(character) for character in self._ids], dtype=np.int64)
        places = np.minimum(np.searchsorted(known, points), max(len(known) - 1, 0))
        wrong = np.flatnonzero(known[places] != points) if len(known) else np.arange(len(points))
        if len(wrong):
            number = int(np.searchsorted(offsets, wrong[0], side="right")) - 1
            try:
                self.encode(documents[number])
            except RequestError as error:
                raise RequestError(f"Document {number + 1}: {error}") from None
        return EncodedDocuments(places.astype(np.min_scalar_type(len(known))), offsets)


def _code_points(documents: Documents) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The normalised code points of all documents (N,), and where each document begins (D + 1,)."""
    lengths = documents.ends - documents.starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    shift = np.repeat(documents.starts - offsets[:-1], lengths)
    shift += np.arange(offsets[-1])
    content = documents.text[shift]
    text = content.tobytes().decode()
    if not unicodedata.is_normalized("NFC", text):
        normal = [unicodedata.normalize("NFC", each) for each in documents]
        if normal != list(documents):
            return _code_points(Documents.of(normal))
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum((content & 0xC0) != 0x80)])
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    return points, begins[offsets]
