"""The table sampler as compiled loops: the same documents, several times as many a second.

The only importer of numba, which the extra `fast` brings; `table_sampler` does without it. Some
hundred documents, the lanes, go a step at a time: while one waits for its row of the table, the
next are under way. All numbers are unsigned, so that no index is tested for counting from the end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tokgen import rng
from tokgen.arrays import Ints
from tokgen.generation.draw import THRESHOLD_BITS

LANES = 256
STRIDE = np.uint64(rng.GOLDEN)
UNUSED_BITS = np.uint64(64 - THRESHOLD_BITS)
ZERO, ONE = np.uint64(0), np.uint64(1)


class _Tables(NamedTuple):
    """A chain: `levels` and `successors` (S * V,), `guide` (S * 2**guide_bits,), unsigned."""

    levels: Any
    guide: Any
    successors: Any
    width: np.uint64
    terminator: np.uint64
    guide_bits: np.uint64


class _Lanes(NamedTuple):
    """Documents under way: `positions` and `states` (L,), `sizes` (L,) and `tokens` (L, T) drawn.

    The first of `alive` (L,) are those that have not ended.
    """

    positions: Any
    states: Any
    sizes: Any
    tokens: Any
    alive: Any


@njit(nogil=True, cache=True)  # type: ignore[misc, unused-ignore]
def _mixed(word: Any) -> Any:
    """SplitMix64's output function, as in `chance`."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit(nogil=True, cache=True)  # type: ignore[misc, unused-ignore]
def _step(tables: Any, lanes: Any, living: Any, step: Any, key: Any) -> Any:
    """Draw a token in each living lane; how many live on."""
    kept = ZERO
    for each in range(living):
        lane = np.uint64(lanes.alive[each])
        state = np.uint64(lanes.states[lane])
        word = _mixed(lanes.positions[lane] + key)
        level = word >> UNUSED_BITS
        bucket = word >> (np.uint64(64) - tables.guide_bits)
        row = state * tables.width
        place = row + np.uint64(tables.guide[(state << tables.guide_bits) + bucket])
        # Mostly it is the guide's token or the next: a sum cannot be guessed wrong, a loop can.
        place += np.uint64(tables.levels[place] <= level)
        while tables.levels[place] <= level:
            place += ONE
        token = place - row
        lanes.tokens[lane, step] = token
        lanes.states[lane] = tables.successors[place]
        lanes.sizes[lane] = step
        lanes.alive[kept] = lane
        kept += np.uint64(token != tables.terminator)
    return kept


@njit(nogil=True, cache=True)  # type: ignore[misc, unused-ignore]
def _write(lanes: Any, count: Any, prefix: Any, bytes_of: Any, newline: Any, text: Any) -> Any:
    """Write the documents of the first lanes, a line each; how many bytes they are."""
    place = ZERO
    for lane in range(count):
        for byte in prefix:
            text[place] = byte
            place += ONE
        for step in range(lanes.sizes[lane]):
            text[place] = bytes_of[lanes.tokens[lane, step]]
            place += ONE
        text[place] = newline
        place += ONE
    return place


@njit(nogil=True, cache=True)  # type: ignore[misc, unused-ignore]
def _walk(
    tables: Any,
    lanes: Any,
    keys: Any,
    first: Any,
    count: Any,
    prefix: Any,
    bytes_of: Any,
    text: Any,
) -> Any:
    """Write `count` documents into `text`; how many bytes they are."""
    newline = bytes_of[tables.terminator]
    position, place, done = first, ZERO, ZERO
    while done < count:
        living = begun = min(np.uint64(LANES), count - done)
        for lane in range(begun):
            lanes.positions[lane] = position
            lanes.states[lane] = ZERO
            lanes.alive[lane] = lane
            position += STRIDE
        step = ZERO
        while living > ZERO and step < np.uint64(len(keys)):
            living = _step(tables, lanes, living, step, keys[step])
            step += ONE
        place += _write(lanes, begun, prefix, bytes_of, newline, text[place:])
        done += begun
    return place


class CompiledSampler:
    """A chain's tables in the form that the compiled loops read."""

    def __init__(
        self,
        levels: Ints,
        guide: NDArray[np.uint8],
        guide_bits: int,
        successors: Ints,
        terminator: int,
        max_length: int,
    ) -> None:
        self._tables = _Tables(
            levels.ravel().view(np.uint64),
            guide,
            successors.astype(np.uint32),
            np.uint64(levels.shape[1]),
            np.uint64(terminator),
            np.uint64(guide_bits),
        )
        self._steps = max_length + 1

    def text(self, seed: int, sequences: Ints, bytes_of: NDArray[np.uint8], prefix: bytes) -> bytes:
        """The documents of consecutive sequences, a line each, as `DrawnBatch.text` has them."""
        text = np.empty(len(sequences) * (len(prefix) + self._steps), dtype=np.uint8)
        lanes = _Lanes(
            positions=np.empty(LANES, np.uint64),
            states=np.empty(LANES, np.uint32),
            sizes=np.empty(LANES, np.uint32),
            tokens=np.empty((LANES, self._steps), np.uint8),
            alive=np.empty(LANES, np.uint32),
        )
        size = _walk(
            self._tables,
            lanes,
            rng.keys(seed, self._steps),
            rng.positions(sequences[:1])[0],
            np.uint64(len(sequences)),
            np.frombuffer(prefix, np.uint8),
            bytes_of,
            text,
        )
        return text[: int(size)].tobytes()
