"""Bulk generation: walking a Markov chain for many documents at once, by table look-up.

A token is found by inverse CDF on integer thresholds with a guide table (Chen & Asau 1974): the
upper bits of the word say where in the row to begin. Words are those of the seed law, so the
documents are the ones that growing them token by token makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tokgen import rng
from tokgen.arrays import Ints
from tokgen.exact.bulk.drawn_batch import Bytes, DrawnBatch, DrawnStep
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.generation.draw import THRESHOLD_BITS, thresholds

if TYPE_CHECKING:
    from tokgen.exact.bulk.compiled_sampler import CompiledSampler

GUIDE_BITS = 6
WORTH_COMPILING = 3_000_000
# The compiled loops lay out room for the longest document in each place.
LONGEST_COMPILED = 1024


class TableSampler:
    """A chain's tables, ready for walking."""

    def __init__(self, chain: MarkovChain, max_length: int) -> None:
        self.max_length = max_length
        self._terminator = chain.terminator_id
        self._width = chain.vocabulary_size
        levels = thresholds(chain.logprobs)
        # A row's last threshold is 2**53, above every level, so a search cannot leave its row.
        self._levels = levels
        self._thresholds = levels.ravel()
        self._guide = _guide_table(levels)
        self._successors = np.maximum(chain.successors, 0).astype(np.int64).ravel()

    def draw_batch(self, seed: int, sequences: Ints) -> DrawnBatch:
        """All steps of the documents of these sequences (B,)."""
        positions = rng.positions(sequences)
        rows = np.arange(len(sequences))
        states = np.zeros(len(sequences), dtype=np.int64)
        strides: list[DrawnStep] = []
        for step in range(self.max_length + 1):
            tokens, places = self._draw(states, rng.words_at(seed, step, positions))
            if step == self.max_length:
                ends = tokens == self._terminator
                last = DrawnStep(rows[ends], tokens[ends])
                return DrawnBatch(len(sequences), [*strides, last], rows[~ends])
            strides.append(DrawnStep(rows, tokens))
            kept = np.flatnonzero(tokens != self._terminator)
            if not len(kept):
                break
            states = self._successors.take(places.take(kept))
            positions, rows = positions.take(kept), rows.take(kept)
        return DrawnBatch(len(sequences), strides, np.zeros(0, np.int64))

    def _draw(self, states: Ints, words: rng.Words) -> tuple[Ints, Ints]:
        """The tokens (B,), and their places in the tables."""
        bucket = (words >> np.uint64(64 - GUIDE_BITS)).view(np.int64)
        bucket += states << GUIDE_BITS
        words >>= np.uint64(64 - THRESHOLD_BITS)
        levels = words.view(np.int64)
        begin = states * self._width
        places = begin + self._guide.take(bucket)
        wrong = np.flatnonzero(self._thresholds.take(places) <= levels)
        while len(wrong):
            further = places.take(wrong)
            further += 1
            places[wrong] = further
            wrong = wrong[self._thresholds.take(further) <= levels.take(wrong)]
        return places - begin, places

    def text(self, seed: int, sequences: Ints, bytes_of: Bytes, prefix: bytes) -> bytes:
        """The documents of these sequences (B,), a line each."""
        return self.draw_batch(seed, sequences).text(bytes_of, prefix)

    def compiled(self) -> CompiledSampler:
        """The same draws as a compiled loop.

        Raises:
            ImportError: numba is not installed.
        """
        from tokgen.exact.bulk.compiled_sampler import CompiledSampler

        return CompiledSampler(
            self._levels,
            self._guide,
            GUIDE_BITS,
            self._successors,
            self._terminator,
            self.max_length,
        )


def _guide_table(levels: Ints) -> Bytes:
    """For each row and each value of a word's upper bits, the first token that it can mean."""
    buckets = np.arange(1 << GUIDE_BITS, dtype=np.int64) << (THRESHOLD_BITS - GUIDE_BITS)
    guide = np.zeros((len(levels), len(buckets)), dtype=np.uint8)
    for column in levels.T[:-1]:
        guide += column[:, None] <= buckets
    return guide.ravel()


def fastest(table: TableSampler, count: int) -> TableSampler | CompiledSampler:
    """The compiled draw where it is there, `count` repays its loading, and documents are short."""
    if count < WORTH_COMPILING or table.max_length > LONGEST_COMPILED:
        return table
    try:
        return table.compiled()
    except ImportError:
        return table
