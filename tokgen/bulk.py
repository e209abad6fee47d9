"""Bulk generation: walking a Markov chain for many documents at once, by table look-up.

A token is found by inverse CDF on integer thresholds with a guide table (Chen & Asau 1974): the
upper bits of the word say where in the row to begin. Words are those of the seed law, so the
documents are the ones that growing them token by token makes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tokgen import chance
from tokgen.chain import MarkovChain
from tokgen.exact import document_logprob
from tokgen.generation import grow
from tokgen.model import Ints, LanguageModel
from tokgen.sampler import THRESHOLD_BITS, SamplerChain, thresholds
from tokgen.top import TopDocument

if TYPE_CHECKING:
    from tokgen.kernel import CompiledWalker

GUIDE_BITS = 6
DOCUMENTS_AT_ONCE = 131_072
WORTH_COMPILING = 3_000_000
LONGEST = 4096

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Stride:
    """One step of a batch: which rows (B',) went on, and the tokens (B',) that they drew."""

    rows: NDArray[np.int64]
    tokens: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Walk:
    """A batch's way through a chain; `cut` are the rows that had not ended at the length limit."""

    strides: list[Stride]
    cut: NDArray[np.int64]


class BulkWalker:
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

    def walk(self, seed: int, sequences: NDArray[np.int64]) -> Walk:
        """All steps of the documents of these sequences (B,)."""
        positions = chance.positions(sequences)
        rows = np.arange(len(sequences))
        states = np.zeros(len(sequences), dtype=np.int64)
        strides: list[Stride] = []
        for step in range(self.max_length + 1):
            tokens, places = self._draw(states, chance.words_at(seed, step, positions))
            if step == self.max_length:
                ends = tokens == self._terminator
                return Walk([*strides, Stride(rows[ends], tokens[ends])], rows[~ends])
            strides.append(Stride(rows, tokens))
            kept = np.flatnonzero(tokens != self._terminator)
            if not len(kept):
                break
            states = self._successors.take(places.take(kept))
            positions, rows = positions.take(kept), rows.take(kept)
        return Walk(strides, np.zeros(0, np.int64))

    def _draw(
        self, states: NDArray[np.int64], words: chance.Words
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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
        return as_text(self.walk(seed, sequences), len(sequences), bytes_of, prefix)

    def compiled(self) -> CompiledWalker:
        """The same walk as a compiled loop.

        Raises:
            ImportError: numba is not installed.
        """
        from tokgen.kernel import CompiledWalker

        return CompiledWalker(
            self._levels,
            self._guide,
            GUIDE_BITS,
            self._successors,
            self._terminator,
            self.max_length,
        )


def _guide_table(levels: NDArray[np.int64]) -> Bytes:
    """For each row and each value of a word's upper bits, the first token that it can mean."""
    buckets = np.arange(1 << GUIDE_BITS, dtype=np.int64) << (THRESHOLD_BITS - GUIDE_BITS)
    guide = np.zeros((len(levels), len(buckets)), dtype=np.uint8)
    for column in levels.T[:-1]:
        guide += column[:, None] <= buckets
    return guide.ravel()


def fastest(walker: BulkWalker, count: int) -> BulkWalker | CompiledWalker:
    """The compiled walk where it is there and `count` repays its loading."""
    if count < WORTH_COMPILING:
        return walker
    try:
        return walker.compiled()
    except ImportError:
        return walker


def with_replacement(chain: MarkovChain, seed: int, count: int) -> Iterator[TopDocument]:
    """`count` documents one after the other, with their log-probabilities under the chain.

    The words are those of the seed law; a conditioned chain makes other documents of them.
    """
    walker = BulkWalker(chain, LONGEST)
    for begin in range(0, count, DOCUMENTS_AT_ONCE):
        batch = min(DOCUMENTS_AT_ONCE, count - begin)
        paths: list[list[int]] = [[] for _ in range(batch)]
        walk = walker.walk(seed, np.arange(begin, begin + batch))
        for stride in walk.strides:
            for row, token in zip(stride.rows.tolist(), stride.tokens.tolist(), strict=True):
                paths[row].append(token)
        for path in paths:
            tokens = tuple(path[:-1])
            yield TopDocument(tokens, document_logprob(chain, tokens))


def grown(
    model: LanguageModel,
    samplers: SamplerChain,
    prefix: list[int],
    seed: int,
    sequences: Ints,
    max_length: int,
) -> Walk:
    """The walk of a batch whose model is no chain; arguments as for `generation.grow`."""
    strides: list[Stride] = []
    for step in grow(model, samplers, prefix, seed, sequences, max_length):
        strides.append(Stride(step.rows, step.tokens))
    last = strides[-1]
    ends = last.tokens == model.vocabulary.terminator_id
    if len(strides) <= max_length:
        return Walk(strides, np.zeros(0, np.int64))
    return Walk([*strides[:-1], Stride(last.rows[ends], last.tokens[ends])], last.rows[~ends])


def text_chunks(text: Callable[[Ints], bytes], count: int, workers: int) -> Iterator[bytes]:
    """`count` documents as bytes, some thousands a chunk, on `workers` threads.

    `text` is asked for the documents of consecutive sequences (B,), a line each.
    """

    def chunk(begin: int) -> bytes:
        return text(np.arange(begin, min(begin + DOCUMENTS_AT_ONCE, count)))

    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[bytes]] = deque()
        for begin in range(0, count, DOCUMENTS_AT_ONCE):
            waiting.append(pool.submit(chunk, begin))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def as_text(walk: Walk, batch: int, byte_of: Bytes, prefix: bytes) -> bytes:
    """The documents of a walk, a line each; where a line stands is known once all have ended."""
    newline = ord("\n")
    drawn = np.zeros(batch, dtype=np.int64)
    for step, stride in enumerate(walk.strides):
        drawn[stride.rows] = step + 1
    sizes = drawn + len(prefix)
    sizes[walk.cut] += 1
    ends = np.cumsum(sizes)
    begins = ends - sizes
    text = np.full(ends[-1], newline, dtype=np.uint8)
    for place, byte in enumerate(prefix):
        text[begins + place] = byte
    begins += len(prefix)
    for step, stride in enumerate(walk.strides):
        text[begins.take(stride.rows) + step] = byte_of.take(stride.tokens)
    return text.tobytes()
