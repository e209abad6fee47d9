"""Characters: the 26 letters a-z and the terminator "-", 27 symbols in that order.

It learns nothing and changes nothing: capitals, spaces and accents are errors, not lower-cased.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any, Self

import numpy as np

from tokgen.plugin_api import (
    Documents,
    EncodedDocuments,
    EncodedPrefix,
    PluginOptions,
    RequestError,
    Tokenizer,
)
from tokgen_tokenizers.joined import joined

TERMINATOR = "-"
UNKNOWN = 255


class Characters(Tokenizer):
    """One id a letter: a is 0, z is 25, the terminator is 26."""

    symbols = (*ascii_lowercase, TERMINATOR)
    terminator_id = len(ascii_lowercase)
    unique_spelling = True

    @classmethod
    def fit(cls, options: PluginOptions, documents: Documents, characters: str) -> Self:
        """The one tokenizer of this kind."""
        return cls()

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The one tokenizer of this kind."""
        return cls()

    def encode(self, text: str) -> list[int]:
        """Ids of a text of the letters a-z.

        Raises:
            RequestError: naming the first character that is none, and where it stands.
        """
        for position, character in enumerate(text, start=1):
            if character not in ascii_lowercase:
                raise RequestError(_unknown(character, position, text))
        return [ord(character) - ord("a") for character in text]

    def pieces(self) -> list[bytes]:
        """The letters' own bytes."""
        return [letter.encode() for letter in ascii_lowercase] + [b""]

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Every letter is certain at once."""
        return EncodedPrefix(tuple(self.encode(text)), b"")

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """All documents at once, by table look-up on their bytes.

        Raises:
            RequestError: naming the first document that holds something else than a-z.
        """
        content, offsets = joined(documents)
        ids = _ID_OF_BYTE[content]
        wrong = np.flatnonzero(ids == UNKNOWN)
        if len(wrong):
            number = int(np.searchsorted(offsets, wrong[0], side="right")) - 1
            try:
                self.encode(documents[number])
            except RequestError as error:
                raise RequestError(f"Document {number + 1}: {error}") from None
        return EncodedDocuments(ids, offsets)


def _unknown(character: str, position: int, text: str) -> str:
    said = f"Character {character!r} at position {position} of {text[:40]!r} is not one of a-z."
    if character in ascii_lowercase.upper():
        return f"{said} Did you mean {text.lower()[:40]!r}?"
    if character == TERMINATOR:
        return f"{said} The terminator ends a document by itself and is never typed."
    return said


_ID_OF_BYTE = np.full(256, UNKNOWN, dtype=np.uint8)
_ID_OF_BYTE[ord("a") : ord("z") + 1] = np.arange(26)
