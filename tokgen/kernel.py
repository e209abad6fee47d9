"""The walk of `bulk` as one compiled loop: the same documents, several times as many a second.

The only importer of numba, which the extra `fast` brings; `bulk` does without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tokgen import chance
from tokgen.model import Ints
from tokgen.sampler import THRESHOLD_BITS

STRIDE = np.uint64(chance.GOLDEN)


@njit(nogil=True, cache=True)  # type: ignore[misc, unused-ignore]
def _walk(
    keys: Any,
    first: Any,
    count: int,
    levels: Any,
    guide: Any,
    successors: Any,
    shape: Any,
    prefix: Any,
    bytes_of: Any,
    text: Any,
) -> Any:
    """Write `count` documents into `text`, a line each; how many bytes they are."""
    width, terminator, guide_bits = shape
    position, place = first, 0
    for _ in range(count):
        for byte in prefix:
            text[place] = byte
            place += 1
        state = 0
        for step in range(len(keys)):
            word = position + keys[step]
            word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            word = word ^ (word >> np.uint64(31))
            level = np.int64(word >> np.uint64(64 - THRESHOLD_BITS))
            bucket = np.int64(word >> np.uint64(64 - guide_bits))
            row = state * width
            token = np.int64(guide[(state << guide_bits) + bucket])
            while levels[row + token] <= level:
                token += 1
            if token == terminator or step == len(keys) - 1:
                break
            text[place] = bytes_of[token]
            place += 1
            state = successors[row + token]
        text[place] = bytes_of[terminator]
        place += 1
        position += STRIDE
    return place


class CompiledWalker:
    """A chain's tables in the form that the compiled loop reads."""

    def __init__(
        self,
        levels: Ints,
        guide: NDArray[np.uint8],
        guide_bits: int,
        successors: Ints,
        terminator: int,
        max_length: int,
    ) -> None:
        self._levels = levels.ravel()
        self._guide = guide
        self._successors = successors.astype(np.int32)
        self._shape = (levels.shape[1], terminator, guide_bits)
        self._steps = max_length + 1

    def text(self, seed: int, sequences: Ints, bytes_of: NDArray[np.uint8], prefix: bytes) -> bytes:
        """The documents of consecutive sequences, a line each, as `bulk.as_text` has them."""
        keys = np.array([chance.key(seed, step) for step in range(self._steps)], dtype=np.uint64)
        text = np.empty(len(sequences) * (len(prefix) + self._steps), dtype=np.uint8)
        size = _walk(
            keys,
            chance.positions(sequences[:1])[0],
            len(sequences),
            self._levels,
            self._guide,
            self._successors,
            self._shape,
            np.frombuffer(prefix, np.uint8),
            bytes_of,
            text,
        )
        return text[:size].tobytes()
