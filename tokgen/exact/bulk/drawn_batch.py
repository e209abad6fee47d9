"""A batch of documents as the steps in which they were drawn, and their text as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.plugin_api.vocabulary import Vocabulary

NEWLINE = ord("\n")

Bytes = NDArray[np.uint8]


def line_bytes(pieces: Sequence[bytes], vocabulary: Vocabulary) -> Bytes | None:
    """One byte for each id (V,), the newline for the terminator.

    None where a piece is not just one ASCII character, or breaks a line. `pieces` as
    `Tokenizer.pieces` gives them. A start id is never drawn, so that its byte means nothing.
    """
    spelling = [*pieces]
    for special in (vocabulary.terminator_id, *vocabulary.beginning):
        spelling[special] = b""
    if {b"\n", b"\r"} & set(spelling):
        return None
    for special in (vocabulary.terminator_id, *vocabulary.beginning):
        spelling[special] = b"\n"
    if not all(len(piece) == 1 and piece.isascii() for piece in spelling):
        return None
    return np.frombuffer(b"".join(spelling), np.uint8)


@dataclass(frozen=True, eq=False)
class DrawnStep:
    """One step of a batch: which rows (B',) went on, and the tokens (B',) that they drew."""

    rows: Ints
    tokens: Ints


@dataclass(frozen=True, eq=False)
class DrawnBatch:
    """A batch's way to its documents; `cut` are the rows that had not ended at the length limit.

    The terminator is drawn like any token, in the last stride of each row that is not cut.
    """

    count: int
    strides: list[DrawnStep]
    cut: Ints

    def text(self, bytes_of: Bytes, prefix: bytes) -> bytes:
        """The documents, a line each; where a line stands is known once all have ended.

        `bytes_of` (V,) holds each token's byte, the newline for the terminator.
        """
        drawn = np.zeros(self.count, dtype=np.int64)
        for step, stride in enumerate(self.strides):
            drawn[stride.rows] = step + 1
        sizes = drawn + len(prefix)
        sizes[self.cut] += 1
        ends = np.cumsum(sizes)
        begins = ends - sizes
        text = np.full(ends[-1], NEWLINE, dtype=np.uint8)
        for place, byte in enumerate(prefix):
            text[begins + place] = byte
        begins += len(prefix)
        for step, stride in enumerate(self.strides):
            text[begins.take(stride.rows) + step] = bytes_of.take(stride.tokens)
        return text.tobytes()
