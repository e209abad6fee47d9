"""The seed law: which random word decides which token.

One 64-bit word for each (seed, step, sequence). `sequence` is the candidate's index (a rejected
one uses one up); `step` counts from the end of the prefix; `lane` 0 is the draw itself, and other
lanes belong to schemes of their own. Since a word depends on nothing else, the same seed gives the
same documents whatever the batch size or thread count.

The words are those of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
generators"), read as a counter-based generator: started at a key made of seed, step and lane, it
is asked for its word number `sequence`. That is scheme 1, and a golden test pins it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints

SCHEME = 1

Words = NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def drawn_seed() -> int:
    """A seed that nobody chose, short enough to be typed again."""
    return secrets.randbelow(10**6)


def words(seed: int, step: int, sequences: Ints, lane: int = 0) -> Words:
    """The words (B,) that decide step `step` of the sequences (B,)."""
    return words_at(seed, step, positions(sequences), lane)


def positions(sequences: Ints) -> Words:
    """How far each sequence (B,) lies in the stream of words; the same at every step."""
    return (sequences + 1).astype(np.uint64) * np.uint64(GOLDEN)


def words_at(seed: int, step: int, positions: Words, lane: int = 0) -> Words:
    """The words (B,) of sequences whose `positions` (B,) are known."""
    return _mixed(positions + np.uint64(key(seed, step, lane)))


def begun(seeds: Iterable[int]) -> Words:
    """What each of these seeds makes of its steps (B,): the first half of `key`."""
    starts = [(GOLDEN * (seed + 1)) & _MASK for seed in seeds]
    return _mixed(np.array(starts, dtype=np.uint64))


def words_of_each(begun: Words, steps: Ints, positions: Words) -> Words:
    """The words (B,) of sequences that have each a seed and a step of their own, in lane 0.

    Args:
        begun: (B,) of their seeds, as `begun` gives it.
        steps: (B,) int64.
        positions: (B,) as `positions` gives it.
    """
    golden = np.uint64(GOLDEN)
    of_steps = _mixed(begun + (steps + 1).astype(np.uint64) * golden)
    return _mixed(positions + _mixed(of_steps + golden))


def split(keys: Words, count: int) -> Words:
    """The first `count` words (B, count) of the generators that start at `keys` (B,)."""
    return _mixed(keys[:, None] + positions(np.arange(count)))


def words_after(keys: Words, numbers: Ints) -> Words:
    """Of each generator that starts at one of `keys` (B,), its word of this number (B,)."""
    return _mixed(keys + positions(numbers))


def key(seed: int, step: int, lane: int = 0) -> int:
    """Where the stream of words of one step begins."""
    made = 0
    for part in (seed, step, lane):
        start = np.array([(made + GOLDEN * (part + 1)) & _MASK], dtype=np.uint64)
        made = int(_mixed(start)[0])
    return made


@lru_cache(maxsize=8)
def keys(seed: int, steps: int) -> Words:
    """`key` of the first steps (T,), for who walks through all of them again and again."""
    made = np.array([key(seed, step) for step in range(steps)], dtype=np.uint64)
    made.setflags(write=False)
    return made


def _mixed(state: Words) -> Words:
    """SplitMix64's output function, in place."""
    shifted = state >> np.uint64(30)
    state ^= shifted
    state *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(state, np.uint64(27), out=shifted)
    state ^= shifted
    state *= np.uint64(0x94D049BB133111EB)
    np.right_shift(state, np.uint64(31), out=shifted)
    state ^= shifted
    return state
