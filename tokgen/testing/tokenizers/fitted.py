"""Fitted: a tokenizer that was fitted on a document list, and what it is tried on there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.errors import RequestError
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.testing.computed_once import computed_once
from tokgen.testing.tokenizers.document_lists import DocumentList
from tokgen.unicode import REPLACEMENT, nfc

RANDOM_TEXTS = 24
RANDOM_ROWS = 48
LONGEST = 8


@dataclass(frozen=True, eq=False)
class Fitted:
    """A guarded tokenizer with the documents that it was fitted on."""

    documents: DocumentList
    tokenizer: Tokenizer

    def shown(self, what: str) -> str:
        """An input of this tokenizer in the author's terms."""
        return f"fitted on {list(self.documents.train)}, {what}"

    @computed_once
    def texts(self) -> list[str]:
        """The documents of all splits, each character, and random texts of them; shortest first.

        They are in NFC and hold only characters of the corpus.
        """
        characters = self.documents.characters
        given = (*self.documents.train, *self.documents.held_out, *characters)
        made = map(nfc, self.random_texts(RANDOM_TEXTS))
        known = (text for text in made if set(text) <= set(characters))
        return sorted(dict.fromkeys([*given, *known]), key=len)

    @property
    def ordinary_ids(self) -> list[int]:
        """All ids but the terminator and the start."""
        special = (self.tokenizer.terminator_id, self.tokenizer.start_id)
        return [token for token in range(len(self.tokenizer.symbols)) if token not in special]

    @computed_once
    def rows(self) -> list[list[int]]:
        """Random ids without terminator and start, as a model might draw them; shortest first."""
        random = np.random.default_rng(1)
        lengths = sorted(random.integers(0, LONGEST + 1, RANDOM_ROWS).tolist())
        ordinary = self.ordinary_ids
        return [random.choice(ordinary, length).tolist() for length in lengths if ordinary]

    @computed_once
    def drawn_texts(self) -> list[str]:
        """What `decode` makes of the random ids, where it is well-formed."""
        return [text for text in map(self.tokenizer.decode, self.rows) if REPLACEMENT not in text]

    def random_texts(self, count: int, seed: int = 0) -> list[str]:
        """Random texts of the characters of the corpus, not always in NFC; shortest first."""
        random = np.random.default_rng(seed)
        characters: Sequence[str] = list(self.documents.characters)
        lengths = sorted(random.integers(1, LONGEST + 1, count if characters else 0).tolist())
        return ["".join(random.choice(characters, length)) for length in lengths]


def encoded(tokenizer: Tokenizer, text: str) -> list[int] | None:
    """The ids of a text; None where it is refused."""
    try:
        return tokenizer.encode(text)
    except RequestError:
        return None
