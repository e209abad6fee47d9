"""Tokenizer: text <-> ids, and the terminator that ends a document.

A tokenizer is a plugin. What it does not do: add the terminator (the dataset does, once a
document) or drop what it does not know (that is an error which names the character).
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.errors import RequestError, did_you_mean
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.options import PluginOptions
from tokgen.unicode import nfc


@dataclass(frozen=True)
class Vocabulary:
    """What a model and a sampler know of a tokenizer: ids run from 0 to `size` - 1.

    Attributes:
        symbols: the printable symbol of each id, all different.
        terminator_id: ends a document. Without a `start_id` it also stands left of the beginning.
        start_id: begins every row of training, scoring and generation, where there is one. It never
            follows anything: whatever probability a model gives it counts for nothing.
        columns: name -> values of what a model may be given; value 0 of each column is "unknown"
            and is not listed, so that the first value has the id 1.
    """

    symbols: tuple[str, ...]
    terminator_id: int
    start_id: int | None = None
    columns: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )

    @property
    def size(self) -> int:
        """How many ids there are (V)."""
        return len(self.symbols)

    @property
    def beginning(self) -> tuple[int, ...]:
        """The ids with which every row begins: the start id, or none."""
        return () if self.start_id is None else (self.start_id,)

    @property
    def can_follow(self) -> NDArray[np.bool_]:
        """Which ids (V,) can be the next one: all but the start id."""
        flags = np.ones(self.size, np.bool_)
        flags[list(self.beginning)] = False
        return flags

    @property
    def id_before_first(self) -> int:
        """The id that stands before a document's first token: the start id, or the terminator."""
        return self.terminator_id if self.start_id is None else self.start_id

    @property
    def nothing_given(self) -> tuple[int, ...]:
        """The id of the value of each column (C,) where none is known."""
        return (0,) * len(self.columns)

    def with_columns(self, columns: Mapping[str, Sequence[str]]) -> Vocabulary:
        """The same tokens, with these columns instead of those that were there."""
        values = {name: tuple(listed) for name, listed in columns.items()}
        return replace(self, columns=MappingProxyType(values))

    def id_of(self, symbol: str) -> int:
        """The id of a symbol.

        Raises:
            RequestError: there is no such symbol.
        """
        if symbol not in self._ids:
            raise RequestError(f"There is no token {symbol!r}.{did_you_mean(symbol, self.symbols)}")
        return self._ids[symbol]

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}


@dataclass(frozen=True)
class EncodedDocuments:
    """Documents as ids in one buffer: document d is `ids[offsets[d]:offsets[d + 1]]`.

    Shapes: `ids` (N,) unsigned integers, without terminators; `offsets` (D + 1,) int64.
    """

    ids: NDArray[np.unsignedinteger[Any]]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> EncodedDocuments:
        """Encoded documents from lists of ids."""
        lengths = np.array([0, *map(len, rows)], dtype=np.int64)
        flat = [token for row in rows for token in row]
        dtype = np.min_scalar_type(max(flat, default=0))
        return cls(np.array(flat, dtype=dtype), np.cumsum(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, document: int) -> list[int]:
        """The ids of one document."""
        span = slice(self.offsets[document], self.offsets[document + 1])
        return [int(token) for token in self.ids[span]]


class EncodedPrefix(NamedTuple):
    """A text that is going to be continued.

    Attributes:
        ids: the ids that no continuation can change.
        rest: the UTF-8 bytes that the next tokens must begin with.
    """

    ids: tuple[int, ...]
    rest: bytes


class Detokenizer(ABC):
    """Text of ids that come one by one."""

    @abstractmethod
    def add(self, token: int) -> str:
        """The text that is certain now and was not before."""

    @abstractmethod
    def finish(self) -> str:
        """The text that is still open."""


class Tokenizer(ABC):
    """Text <-> ids. An author writes `fit`, `encode` and `pieces`; the rest follows from them.

    Attributes:
        tokgen_api: which contract the class is written for; the number 1 is the only one so far,
            and the one of a class that says nothing.
        symbols: the printable symbol of each id, the terminator's included; all different.
        unique_spelling: declares that `encode(decode(ids))` is `ids`, whatever ids without
            terminator and start these are: each text has one spelling in tokens. False, the
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
        """Symbols, terminator and start, without columns: these are the corpus' affair.

        A model has its own vocabulary, which is this one with the columns that it was trained on.
        """
        return Vocabulary(tuple(self.symbols), self.terminator_id, self.start_id)

    @classmethod
    @abstractmethod
    def fit(cls, options: Any, documents: Documents, characters: str) -> Self:
        """Build the tokenizer; one that learns nothing ignores what it is given.

        Args:
            options: an instance of the class' `Options`.
            documents: the training split alone, in NFC. They are not to be written into.
            characters: all different characters of the whole corpus, in the order of code points,
                so that no other split holds an unknown one.
        """

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Ids of a text, without a terminator and without a start.

        Every text of the `characters` that `fit` was given can be encoded, and so can what `decode`
        makes of any ids. The same ids come in every process: nothing may hang on the order of a
        set.

        Args:
            text: in NFC.

        Raises:
            RequestError: naming the character that is not in the vocabulary and its position in the
                text, counted from 1.
        """

    @abstractmethod
    def pieces(self) -> list[bytes] | None:
        """The bytes of each id (V of them): the UTF-8 of a text is those of its ids in a row.

        The terminator's and the start's are empty. A piece may end inside a character; what is no
        well-formed UTF-8 is decoded with U+FFFD. None where decoding is more than that, or where
        characters of different pieces can compose or change places in NFC (`all_texts_are_nfc`
        tells). Conditions on the text are exact by the pieces alone.
        """

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids, in NFC; a terminator ends it, the start is no text.

        Ill-formed UTF-8 becomes U+FFFD.
        """
        pieces = self._piece_of
        ended = [pieces[token] for token in _until(ids, self.terminator_id)]
        return nfc(b"".join(ended).decode("utf-8", errors="replace"))

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Ids of a text that is going to be continued, as far as no continuation can change them.

        By default none of them is certain. Where there are no pieces, nothing can be left open,
        and the text keeps the spelling that `encode` gives it.

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
        """What turns ids that come one by one into text; put together it is `decode` of them."""
        return _Waiting(self) if self.pieces() is None else _Streaming(self._piece_of)

    def to_json(self) -> dict[str, Any]:
        """What was learnt, of JSON's types, for the checkpoint."""
        return {}

    @classmethod
    @abstractmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The tokenizer that wrote `state` with `to_json`.

        Raises:
            ValueError: the state is not one that this tokenizer can have written.
        """

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """Encode a whole corpus. Override where arrays can do it without a loop.

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


class _Streaming(Detokenizer):
    """A character comes when its last byte has."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def add(self, token: int) -> str:
        return self._decoder.decode(self._pieces[token])

    def finish(self) -> str:
        return self._decoder.decode(b"", final=True)


class _Waiting(Detokenizer):
    """Without pieces any later token may change the text, so that it comes at the end."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []

    def add(self, token: int) -> str:
        self._ids.append(token)
        return ""

    def finish(self) -> str:
        return self._tokenizer.decode(self._ids)
