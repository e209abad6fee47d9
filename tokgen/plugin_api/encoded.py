"""What a tokenizer makes of documents, and of a text that is going to be continued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


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
