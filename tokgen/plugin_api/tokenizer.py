"""Tokenizer: text <-> ids, and the terminator that ends a document.

A tokenizer is a plugin. What it does not do: add the terminator (the dataset does, once a
document) or drop what it does not know (that is an error which names the character).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.options import PluginOptions


@dataclass(frozen=True)
class Vocabulary:
    """What a model must know of a tokenizer: ids run from 0 to `size` - 1."""

    size: int
    terminator_id: int


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


class Tokenizer(ABC):
    """Text <-> ids. `symbols[id]` is the printable symbol of an id, the terminator's included."""

    tokgen_api: ClassVar[int]
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    symbols: tuple[str, ...]
    terminator_id: int
    start_ids: tuple[int, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        """Size and terminator, which is all that a model sees of a tokenizer."""
        return Vocabulary(len(self.symbols), self.terminator_id)

    @classmethod
    @abstractmethod
    def fit(cls, options: PluginOptions, documents: Documents) -> Self:
        """Build the tokenizer; those that learn nothing ignore the documents."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """Ids of a text, without a terminator.

        Raises:
            RequestError: naming the character that is not in the vocabulary and where it stands.
        """

    @abstractmethod
    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids; a terminator ends it."""

    def to_json(self) -> dict[str, Any]:
        """State for the checkpoint, of JSON's types."""
        return {}

    @classmethod
    @abstractmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The tokenizer that wrote `state` with `to_json`."""

    def bytes_of_ids(self) -> NDArray[np.uint8] | None:
        """One byte for each id (V,), where a text is just its ids' bytes one after the other.

        None where it is not; bulk generation then decodes document by document. The terminator's
        byte is not looked at.
        """
        return None

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """Encode a whole corpus. Override where arrays can do it without a loop.

        Raises:
            RequestError: naming the document's line and what it holds that cannot be encoded.
        """
        return EncodedDocuments.of([self.encode(text) for text in documents])
