"""letter-pairs: a tokenizer of single characters and the most frequent pairs of them.

It finds the pairs in the training documents.
A text is cut from left to right, and a pair is taken where one fits.
"""

from collections import Counter
from itertools import pairwise, takewhile
from typing import Any, Self

from tokgen.plugin_api import (
    Documents,
    EncodedPrefix,
    Field,
    PluginOptions,
    Tokenizer,
    all_texts_are_nfc,
    known_spelling,
    nfc,
    terminator_symbol,
)


class LetterPairs(Tokenizer):
    """Single characters and the most frequent pairs."""

    class Options(PluginOptions):
        """Options of `letter-pairs`; users write `--tokenizer letter-pairs:pairs=200`."""

        pairs: int = Field(default=100, ge=0, description="pairs in the vocabulary, at most")

    def __init__(self, characters: str, pairs: list[str]) -> None:
        self.characters, self.pairs = characters, pairs
        self.units = [*characters, *pairs]  # the text of each id, the terminator's left out
        self.symbols = (*self.units, terminator_symbol(self.units))  # all different
        self.terminator_id = len(self.units)
        self.ids = {unit: number for number, unit in enumerate(self.units)}

    @classmethod
    def fit(cls, options: Any, documents: Documents, characters: str) -> Self:
        """Learn from the training documents; `characters` are those of the whole corpus."""
        counts = Counter(first + second for text in documents for first, second in pairwise(text))
        frequent = sorted(counts, key=lambda pair: (-counts[pair], pair))  # no two ways to sort
        return cls(characters, frequent[: options.pairs])

    def encode(self, text: str) -> list[int]:
        """Ids of a text, without the terminator; RequestError names an unknown character."""
        # A composed letter that no document has is spelt by its parts, where these are known.
        letters = known_spelling(text, self.ids.__contains__, "the characters of the corpus")
        ids, place = [], 0
        while place < len(letters):
            pair = letters[place : place + 2]
            unit = pair if pair in self.ids else pair[0]
            ids.append(self.ids[unit])
            place += len(unit)
        return ids

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Ids that no continuation changes, and the bytes of what a pair may still begin with.

        It may be left out: then no id is certain, and every spelling of the text is looked at.
        """
        if self.pieces() is None:  # then nothing can be left open
            return super().encode_prefix(text)
        ids = self.encode(text)
        rest = self.units[ids.pop()] if ids and ids[-1] < len(self.characters) else ""
        return EncodedPrefix(tuple(ids), rest.encode())

    def pieces(self) -> list[bytes] | None:
        """The bytes of each id; None where accents and letters of two ids may join into one."""
        if not all_texts_are_nfc(self.characters):
            return None
        return [unit.encode() for unit in self.units] + [b""]

    def decode(self, ids: Any) -> str:
        """Text of the ids up to a terminator; needed where `pieces` may be None, as here."""
        inside = takewhile(lambda token: token != self.terminator_id, ids)
        return nfc("".join(self.units[token] for token in inside))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs, of JSON's types: it is kept in each checkpoint."""
        return {"characters": self.characters, "pairs": self.pairs}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The tokenizer that wrote `state`; ValueError where none can have written it."""
        match state:
            case {"characters": str(characters), "pairs": list(pairs)}:
                return cls(characters, pairs)
        raise ValueError("the characters are no text, or the pairs are no list")
