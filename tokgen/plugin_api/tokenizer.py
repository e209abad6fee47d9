"""Tokenizer: text <-> ids, and the terminator that ends a document.

A tokenizer is a plugin. What it does not do: add the terminator (the dataset does, once a
document) or drop what it does not know (that is an error which names the character).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from tokgen.errors import RequestError
from tokgen.plugin_api.detokenizer import Detokenizer, Streaming, Waiting
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.encoded import EncodedDocuments, EncodedPrefix
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.unicode import nfc


class Tokenizer(ABC):
    """Text <-> ids. An author writes `fit`, `encode`, `pieces`, `to_json` and `from_json`.

    The base class derives the other methods from them. An author also writes `decode` where
    `pieces` gives None, and `encode_prefix` where it is known which ids of a prefix no continuation
    changes.

    Attributes:
        tokgen_api: the number of the contract for which the class is written. 1 is the default and
            the only number so far.
        symbols: the printable symbol of each id, the terminator's included; all different.
        unique_spelling: True declares that each text has one spelling in tokens:
            `encode(decode(ids))` is `ids` for all ids without terminator and start. False, the
            default, promises nothing.
    """

    tokgen_api: ClassVar[int] = 1
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    symbols: tuple[str, ...]
    terminator_id: int
    start_id: int | None = None
    unique_spelling: bool = False

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary: symbols, terminator and start, without columns, which the corpus decides.

        A model has its own vocabulary, which is this one with the columns that it was trained on.
        """
        return Vocabulary(tuple(self.symbols), self.terminator_id, self.start_id)

    @classmethod
    @abstractmethod
    def fit(cls, options: Any, documents: Documents, characters: str) -> Self:
        """Build the tokenizer; one that learns nothing ignores the documents.

        A corpus may be in any script, and hold "-", combining marks, empty documents, or no
        character at all. A tokenizer that is not for such a corpus refuses it: here, or, where it
        has an alphabet of its own, in `encode`, which then refuses a training document.

        Args:
            options: an instance of the class' `Options`.
            documents: the training split alone, in NFC. They are not to be written into.
            characters: all different characters of the whole corpus, in the order of code points,
                so that no other split holds an unknown one.

        Raises:
            RequestError: the tokenizer is not for such a corpus; the sentence says why.
        """

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Ids of a text, without a terminator and without a start.

        A tokenizer that can encode the training documents can also encode every text of the
        `characters` that `fit` was given, and whatever `decode` makes of any ids. It may refuse any
        other text. It gives the same ids in every process, whatever the order of a set is there.

        Args:
            text: in NFC.

        Raises:
            RequestError: naming the character that is not in the vocabulary and its position in the
                text as it was given, counted from 1.
        """

    @abstractmethod
    def pieces(self) -> list[bytes] | None:
        """The bytes of each id (V): joined, the bytes of a text's ids are its UTF-8.

        The pieces of the terminator and the start are empty. A piece may end inside a character;
        ill-formed UTF-8 is decoded with U+FFFD. None where decoding is more than joining pieces, or
        where characters of different pieces can compose or change places in NFC
        (`all_texts_are_nfc` tells). tokgen computes conditions on the text from the pieces alone.
        """

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, in NFC, up to the first terminator; a start id gives no text.

        Ill-formed UTF-8 becomes U+FFFD.
        """
        pieces = self._piece_of
        ended = [pieces[token] for token in _until(ids, self.terminator_id)]
        return nfc(b"".join(ended).decode("utf-8", errors="replace"))

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """The ids of a text that is going to be continued, as far as no continuation changes them.

        By default no id is certain, which is always right: tokgen then looks at every spelling of
        the text, which takes longer, and takes that of `encode` where there are too many. Override
        the method where it is known which ids stay (all but those of the last word, say); `rest` is
        the UTF-8 of what they leave out. Without `pieces` nothing can be left open: the text keeps
        the spelling that `encode` gives it.

        Raises:
            RequestError: as `encode`.
        """
        ids = tuple(self.encode(text))
        return (
            EncodedPrefix(ids, b"")
            if self.pieces() is None
            else EncodedPrefix((), nfc(text).encode())
        )

    def detokenizer(self) -> Detokenizer:
        """What turns ids that come one by one into texts, which joined are `decode` of all ids."""
        return Waiting(self.decode) if self.pieces() is None else Streaming(self._piece_of)

    def to_json(self) -> dict[str, Any]:
        """What was learnt, in JSON's types, for the checkpoint."""
        return {}

    @classmethod
    @abstractmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The tokenizer that wrote `state` with `to_json`.

        Raises:
            ValueError: the state is not one that this tokenizer can have written.
        """

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """Encode a whole corpus; override it where arrays can do it without a loop.

        Raises:
            RequestError: naming the document's number, counted from 1, and what `encode` names.
        """
        return EncodedDocuments.of([*self._encoded_one_by_one(documents)])

    def _encoded_one_by_one(self, documents: Documents) -> Iterator[list[int]]:
        for number, text in enumerate(documents, start=1):
            try:
                yield self.encode(text)
            except RequestError as error:
                raise RequestError(f"Document {number}: {error}") from None

    @cached_property
    def _piece_of(self) -> list[bytes]:
        pieces = self.pieces()
        if pieces is None:
            raise NotImplementedError(f"{type(self).__name__} has no pieces and no decode")
        return pieces


def _until(ids: Sequence[int], terminator_id: int) -> Sequence[int]:
    found = list(ids)
    return found[: found.index(terminator_id)] if terminator_id in found else found
