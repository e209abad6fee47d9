"""Tokenizers made wrong on purpose; each says which clauses it violates."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter

import numpy as np
from right_tokenizers import Bytes, Composing, Letters, Prefixes
from small_plugins import Pairs, check_known, check_nfc

from tokgen.errors import RequestError
from tokgen.plugin_api import Detokenizer, Documents, EncodedDocuments, EncodedPrefix


class NeedsALetter(Letters):
    """It looks at the first letter of each document."""

    violates = {"fits"}

    @classmethod
    def fit(cls, options, documents, characters):
        Counter(text[0] for text in documents)
        return super().fit(options, documents, characters)


class NeedsACharacter(Letters):
    """It looks for the most frequent character."""

    violates = {"fits"}

    @classmethod
    def fit(cls, options, documents, characters):
        counts = Counter("".join(documents))
        max(counts, key=counts.__getitem__)
        return super().fit(options, documents, characters)


class LowersTheCorpus(Letters):
    """It writes into the documents."""

    violates = {"documents-unharmed"}

    @classmethod
    def fit(cls, options, documents, characters):
        documents.text[:] |= 0x20
        return super().fit(options, documents, characters)


class Shuffled(Letters):
    """Its ids are in a random order."""

    violates = {"fit-deterministic"}

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        units = [*characters]
        random.shuffle(units)
        return cls(units)


class Unsorted(Letters):
    """Its ids are in the order of a set."""

    violates = {"hash-seed"}

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls(list(set(characters)))


class SameSymbols(Letters):
    """Its terminator looks like a letter."""

    violates = {"symbols"}
    terminator = "a"


class AlwaysAHyphen(Letters):
    """Its terminator is a hyphen, which corpora hold."""

    violates = {"symbols"}
    terminator = "-"


class ItsLettersTwice(Letters):
    """A document of one letter is a token, and so is the letter."""

    violates = {"symbols"}
    unique_spelling = False

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls([*characters, *sorted({text for text in documents if text})])


class LineFeed(Letters):
    """Its terminator breaks tables."""

    violates = {"symbols"}
    terminator = "\n"


class SortedWhenRead(Letters):
    """What is read has its ids in another order."""

    violates = {"saved-and-read"}

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls([*reversed(characters)])

    @classmethod
    def from_json(cls, state):
        return cls(sorted(super().from_json(state).units))


class NumbersAsKeys(Letters):
    """Its state has keys that JSON does not have."""

    violates = {"saved-and-read"}

    def to_json(self):
        return {"units": dict(enumerate(self.units))}


class BelievesItsState(Letters):
    """It takes a state without units for one of no units."""

    violates = {"damaged-state"}

    @classmethod
    def from_json(cls, state):
        return cls(state.get("units") or [])


class LooksItsStateUp(Letters):
    """It fails where its state lacks a key."""

    violates = {"damaged-state"}

    @classmethod
    def from_json(cls, state):
        return cls([*state["units"]])


class NotQuiteUnique(Pairs):
    """Its pairs can be spelt by letters as well."""

    violates = {"unique-spelling"}
    unique_spelling = True


class NumpyIds(Letters):
    """Its ids are numpy's numbers."""

    violates = {"ids-valid"}

    def encode(self, text):
        return list(np.array(super().encode(text), dtype=np.int64))


class AddsTerminator(Letters):
    """It ends every text."""

    violates = {"ids-valid"}

    def encode(self, text):
        return [*super().encode(text), self.terminator_id]


class Lowers(Letters):
    """It takes capitals for small letters."""

    violates = {"round-trip"}
    unique_spelling = False

    def encode(self, text):
        check_known(text, self.units)
        lower = [c.lower() if c.lower() in self.units else c for c in text]
        return super().encode("".join(lower))


class Strips(Letters):
    """It drops the spaces around a text."""

    violates = {"round-trip"}
    unique_spelling = False

    def encode(self, text):
        check_known(text, self.units)
        return super().encode(text.strip())


class OnlySeen(Letters):
    """It knows the characters of the training split."""

    violates = {"characters-known"}

    @classmethod
    def fit(cls, options, documents, characters):
        return super().fit(options, documents, documents.different_characters())


class WithoutParts(Composing):
    """It does not know the letters that it decodes."""

    violates = {"drawn-text-encodes"}

    def encode(self, text):
        check_known(text, self.units)
        return Letters.encode(self, text)


class OnlyTheSmallestParts(Composing):
    """It knows a letter with two marks as the letter and its marks alone."""

    violates = {"drawn-text-encodes"}

    def encode(self, text):
        check_known(text, [each for each in text if {*self.spelt(each)} <= {*self.units}])
        return Letters.encode(self, "".join(map(self.spelt, text)))

    def spelt(self, character):
        parts = unicodedata.normalize("NFD", character)
        return parts if set(parts) <= set(self.units) else character


class CountsParts(Composing):
    """It counts positions after it has split the characters."""

    violates = {"unknown-character"}

    def encode(self, text):
        try:
            return super().encode(text)
        except RequestError:
            parts = unicodedata.normalize("NFD", text)
            check_known(parts, {*parts} & {*unicodedata.normalize("NFD", "".join(self.units))})
            raise


class Skips(Letters):
    """It drops what it does not know."""

    violates = {"unknown-character"}

    def encode(self, text):
        return super().encode("".join(c for c in text if c in self.units))


class Unnamed(Letters):
    """It does not say what it does not know."""

    violates = {"unknown-character"}

    def encode(self, text):
        if set(text) - set(self.units):
            raise RequestError("There are unknown characters.")
        return super().encode(text)


class CountsFromZero(Letters):
    """It counts positions from 0."""

    violates = {"unknown-character"}

    def encode(self, text):
        for position, character in enumerate(text):
            if character not in self.units:
                raise RequestError(f"{character!r} at position {position} is unknown.")
        return super().encode(text)


class LooksUp(Letters):
    """It fails where a character is unknown."""

    violates = {"unknown-character"}

    def encode(self, text):
        return [1 + self.units.index(character) for character in text]


class ReadsTheWholeText(Letters):
    """It takes documents to lie one after the other."""

    violates = {"documents-encoded"}

    def encode_documents(self, documents):
        ends = np.cumsum(documents.ends - documents.starts)
        starts = np.concatenate([[0], ends])[:-1].astype(np.int64)
        return super().encode_documents(Documents(documents.text, starts, ends))


class Unnumbered(Letters):
    """It does not say which document it cannot encode."""

    violates = {"unknown-document"}

    def encode_documents(self, documents):
        return EncodedDocuments.of([self.encode(text) for text in documents])


class ReadsOn(Letters):
    """It does not end at the terminator."""

    violates = {"decode-ends"}

    def decode(self, ids):
        return "".join(self.units[token - 1] for token in ids if token)


class NotNormal(Composing):
    """Its texts are not in NFC."""

    violates = {"decode-ends"}

    def decode(self, ids):
        ended = ids[: ids.index(0)] if 0 in ids else ids
        return "".join(self.units[token - 1] for token in ended)


class TerminatorHasAPiece(Letters):
    """Its terminator is written out."""

    violates = {"pieces"}

    def pieces(self):
        return [symbol.encode() for symbol in self.symbols]

    def decode(self, ids):
        ended = ids[: ids.index(0)] if 0 in ids else ids
        return "".join(self.units[token - 1] for token in ended)


class Backwards(Letters):
    """Texts from right to left, whose pieces stand in a row the wrong way round."""

    violates = {"pieces-decode"}

    def encode(self, text):
        return super().encode(text)[::-1]

    def decode(self, ids):
        ended = ids[: ids.index(0)] if 0 in ids else ids
        return super().decode(ended[::-1])


class PiecesCompose(Composing):
    """It has pieces although its characters compose."""

    violates = {"pieces-nfc"}

    def pieces(self):
        return [b"", *(unit.encode() for unit in self.units)]


class HalvesAtOnce(Bytes):
    """It gives the halves of a character one by one."""

    violates = {"detokenizer-decode"}

    def detokenizer(self):
        return AtOnce(self.pieces())


class AtOnce(Detokenizer):
    def __init__(self, pieces):
        self.pieces = pieces

    def add(self, token):
        return self.pieces[token].decode(errors="replace")

    def finish(self):
        return ""


class LosesTheRest(Prefixes):
    """It forgets what is not certain."""

    violates = {"prefix-text"}

    def encode_prefix(self, text):
        return EncodedPrefix(super().encode_prefix(text).ids, b"")


class TooSure(Pairs):
    """It takes the last token for certain."""

    violates = {"prefix-certain"}

    def encode_prefix(self, text):
        return EncodedPrefix(tuple(self.encode(text)), b"")
