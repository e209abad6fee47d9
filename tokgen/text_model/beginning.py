"""GivenPrefix: a text that is going to be continued, as ids; and the text that ids spell.

Here text becomes ids, once. Whatever goes on from there goes on from the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen.generation.growth import Beginning
from tokgen.generation.prefix_spelling import MOST_SPELLINGS, PrefixSpelling
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import check_prefixes
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.unicode import nfc

SPELLING_IS_FIXED = (
    "There are too many ways to spell the prefix in tokens: "
    "only the tokenizer's own spelling of it is continued."
)


@dataclass(frozen=True)
class GivenPrefix:
    """A text that is going to be continued.

    Attributes:
        text: in NFC.
        beginning: the same as ids, and as bytes where their spelling in tokens is still open.
        spelling_is_fixed: there are too many spellings to sum over, so that the prefix keeps the
            tokenizer's own.
    """

    text: str
    beginning: Beginning
    spelling_is_fixed: bool = False

    def after(self, tokenizer: Tokenizer, drawn: Sequence[int]) -> GivenPrefix:
        """The prefix with drawn tokens behind it, all of them given."""
        if not drawn:
            return self
        before = self.beginning
        spelt = sum(len(before.pieces[token]) for token in drawn) if before.rest else 0
        ids, rest = (*before.ids, *drawn), before.rest[spelt:]
        beginning = Beginning(ids, rest, before.pieces if rest else (), before.given)
        return GivenPrefix(text_of(tokenizer, ids, rest), beginning, self.spelling_is_fixed)


def given_prefix(
    model: LanguageModel, tokenizer: Tokenizer, text: str, given: tuple[int, ...] = ()
) -> GivenPrefix:
    """A text as the ids that are given and the bytes that are still to be spelt.

    Args:
        given: the id of the value of each column (C,); empty where none is known.

    Raises:
        RequestError: the text holds an unknown character, or more tokens than the model can read.
    """
    text = nfc(text)
    start, encoded = model.vocabulary.beginning, tokenizer.encode_prefix(text)
    check_prefixes(model, np.array([len(start) + len(encoded.ids)]))
    if not encoded.rest:
        return GivenPrefix(text, Beginning((*start, *encoded.ids), given=given))
    pieces = tuple(tokenizer.pieces() or ())
    if PrefixSpelling(model, encoded.rest, pieces).prefixes_looked_at > MOST_SPELLINGS:
        own = Beginning((*start, *tokenizer.encode(text)), given=given)
        return GivenPrefix(text, own, spelling_is_fixed=True)
    beginning = Beginning((*start, *encoded.ids), encoded.rest, pieces, given)
    return GivenPrefix(text, beginning)


def told(prefix: GivenPrefix, given: tuple[int, ...]) -> GivenPrefix:
    """The same prefix where other values of the columns (C,) are given."""
    return replace(prefix, beginning=replace(prefix.beginning, given=given))


def can_follow(beginning: Beginning, drawn: Sequence[int]) -> bool:
    """Whether tokens agree with what the prefix leaves to be spelt, as far as both go."""
    left = beginning.rest
    for token in drawn:
        if not left:
            return True
        piece = beginning.pieces[token]
        if not piece or not (left.startswith(piece) or piece.startswith(left)):
            return False
        left = left[len(piece) :]
    return True


def text_of(tokenizer: Tokenizer, ids: Sequence[int], rest: bytes = b"") -> str:
    """The text of ids, the start id before them, and of the bytes that are still to be spelt."""
    spelt = ids[len(tokenizer.vocabulary.beginning) :]
    if not rest:
        return tokenizer.decode(spelt)
    pieces = tokenizer.pieces() or []
    content = b"".join(pieces[token] for token in spelt) + rest
    return nfc(content.decode("utf-8", errors="replace"))
