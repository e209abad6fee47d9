"""Words: the words that stand often enough in the training documents, and all characters.

A word is a run of letters, marks and digits, as long as it gets. It has an id if it is seen
`min_count` times; the models of the 1990s and 2000s read whole words in this way (Bengio et al.
2003, "A Neural Probabilistic Language Model", maps rare words to one symbol). Here no word is lost:
a rare or unknown one is spelt by its characters, each of which is a token too.

A space belongs to the word that it stands before: "the cat" is `the` and ` cat`, as in GPT-2
(Radford et al. 2019). So a text is its tokens put together, and a context of three tokens is three
words. A word with its space and the same one without, at the beginning of a document, are two
tokens; each has an id if it was seen in that form. Any other space and every other character
stands alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from tokgen.plugin_api import (
    Documents,
    EncodedPrefix,
    Field,
    PluginOptions,
    known_spelling,
    terminator_symbol,
)
from tokgen_tokenizers.byte_symbols import symbols_of
from tokgen_tokenizers.spelt_tokenizer import SpeltTokenizer

SPACE = " "
JOINERS = "\u200c\u200d"


class WordsOptions(PluginOptions):
    """How often a word must be seen."""

    min_count: int = Field(
        default=2, ge=1, description="a word seen so often in the training documents is one token"
    )


class Words(SpeltTokenizer):
    """One id a word that is seen often, and one a character for all other words."""

    Options = WordsOptions

    def __init__(self, characters: str, letters: str, words: Sequence[str]) -> None:
        tokens = [*characters, *words]
        pieces = [token.encode() for token in tokens]
        symbols = symbols_of(pieces)
        symbols.append(terminator_symbol(symbols))
        super().__init__([*pieces, b""], symbols, len(tokens), characters)
        self._characters, self._letters, self._words = characters, letters, words
        self._ids = {token: number for number, token in enumerate(tokens)}
        self._units = units_of(letters)

    @classmethod
    def fit(cls, options: WordsOptions, documents: Documents, characters: str) -> Self:
        """The characters of the corpus, and the words of the training documents."""
        letters = "".join(filter(is_of_words, characters))
        pattern = units_of(letters)
        seen = Counter(unit for text in documents for unit in pattern.findall(text))
        counts: Counter[str] = Counter()
        for unit, count in seen.items():
            counts[unit.removeprefix(SPACE)] += count
        often = {word for word, count in counts.items() if word and count >= options.min_count}
        words = (unit for unit in seen if len(unit) > 1 and unit.removeprefix(SPACE) in often)
        return cls(characters, letters, sorted(words))

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The characters and words that were saved.

        Raises:
            ValueError: the state is not one that `to_json` gives.
        """
        characters, letters, words = (state.get(key) for key in ("characters", "letters", "words"))
        if not isinstance(characters, str) or not isinstance(letters, str):
            raise ValueError("the characters or the letters are no text")
        if not isinstance(words, list) or any(type(word) is not str for word in words):
            raise ValueError("the words are no list of texts")
        known = set(characters)
        if len(known) < len(characters) or not known.issuperset(letters + "".join(words)):
            raise ValueError("the characters are not different, or a word holds another one")
        if len(set(words)) < len(words) or any(len(word) < 2 for word in words):
            raise ValueError("the words are not different, or one has a single character")
        return cls(characters, letters, words)

    def to_json(self) -> dict[str, Any]:
        """The characters, those of them that words are made of, and the words.

        Which characters are letters changes with the version of Unicode, so it is kept.
        """
        return {
            "characters": self._characters,
            "letters": self._letters,
            "words": list(self._words),
        }

    def encode(self, text: str) -> list[int]:
        """Ids of the words of a text, normalised first; unknown words by their characters.

        Raises:
            RequestError: naming the first character that the corpus did not have.
        """
        return [token for unit in self._units_in(text) for token in self._ids_of(unit)]

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """A last word or space is left open: what follows may make it longer."""
        if not self._pieces_tell_all:
            return super().encode_prefix(text)
        units = self._units_in(text)
        is_open = bool(units) and (units[-1] == SPACE or units[-1][-1] in self._letters)
        certain, rest = (units[:-1], units[-1]) if is_open else (units, "")
        ids = (token for unit in certain for token in self._ids_of(unit))
        return EncodedPrefix(tuple(ids), rest.encode())

    def _units_in(self, text: str) -> list[str]:
        which = f"the {len(self._characters)} of this corpus"
        return self._units.findall(known_spelling(text, self._ids.__contains__, which))

    def _ids_of(self, unit: str) -> list[int]:
        if unit in self._ids:
            return [self._ids[unit]]
        word = unit.removeprefix(SPACE)
        if word != unit and word in self._ids:
            return [self._ids[SPACE], self._ids[word]]
        return [self._ids[character] for character in unit]


def is_of_words(character: str) -> bool:
    """Whether words are made of it: letters, marks, digits, and the joiners between letters."""
    return unicodedata.category(character)[0] in "LMN" or character in JOINERS


def units_of(letters: str) -> re.Pattern[str]:
    """What a text falls into: words with the space before them, and single other characters."""
    word = f" ?[{re.escape(letters)}]+|" if letters else ""
    return re.compile(f"{word}.", re.DOTALL)
