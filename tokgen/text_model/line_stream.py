"""Many documents as lines of bytes, thousands at a time.

A Markov chain is looked up in a table; any other model is grown, and reads equal prefixes once. The
words are those of the seed law whichever way is taken, so the documents are the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from tokgen.arrays import Ints, rows_at_once
from tokgen.exact.bulk.drawn_batch import Bytes, DrawnBatch, DrawnStep
from tokgen.exact.bulk.table_sampler import TableSampler, fastest
from tokgen.exact.longest import LONGEST_DRAWN, TooLongError
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.generation.grow import grow
from tokgen.text_model.document_set import DocumentSet

DOCUMENTS_AT_ONCE = 131_072
FIRST_DOCUMENTS = 64
BYTES_AT_ONCE = 1 << 22


def lines_of_table(
    chain: MarkovChain, seed: int, count: int, max_length: int, bytes_of: Bytes, prefix: bytes
) -> Iterator[bytes]:
    """`count` documents with `prefix` before them, a line each, some thousands a chunk.

    `bytes_of` (V,) as for `DrawnBatch.text`.
    """
    table = fastest(TableSampler(chain, max_length), count)
    workers = os.cpu_count() or 1
    return in_chunks(
        lambda some: table.text(seed, some, bytes_of, prefix), count, DOCUMENTS_AT_ONCE, workers
    )


def lines_of_whole_documents(
    chain: MarkovChain, seed: int, count: int, bytes_of: Bytes, prefix: bytes
) -> Iterator[bytes]:
    """The same of a conditioned chain, of which no document is cut.

    Raises:
        TooLongError: when lines are taken: a document does not end within the tokens that are
            drawn for one.
    """
    table = TableSampler(chain, LONGEST_DRAWN)

    def text(sequences: Ints) -> bytes:
        drawn = table.draw_batch(seed, sequences)
        if len(drawn.cut):
            raise TooLongError(LONGEST_DRAWN)
        return drawn.text(bytes_of, prefix)

    return in_chunks(text, count, DOCUMENTS_AT_ONCE, os.cpu_count() or 1)


def lines_grown(
    documents: DocumentSet, seed: int, count: int, max_length: int, bytes_of: Bytes, prefix: bytes
) -> Iterator[bytes]:
    """The same by growing, for any model and any samplers."""
    # One batch at a time: models use all cores themselves, and their states are large.
    at_once = rows_at_once(documents.model.vocabulary.size, DOCUMENTS_AT_ONCE)
    return in_chunks(
        lambda some: grown(documents, seed, some, max_length).text(bytes_of, prefix),
        count,
        at_once,
        1,
    )


def grown(documents: DocumentSet, seed: int, sequences: Ints, max_length: int) -> DrawnBatch:
    """The documents of these sequences (B,), token by token."""
    model, samplers = documents.model, documents.samplers
    steps = grow(model, samplers, documents.beginning, seed, sequences, max_length)
    drawn = [DrawnStep(step.rows, step.tokens) for step in steps]
    last = drawn[-1]
    cut = last.tokens != model.vocabulary.terminator_id
    drawn[-1] = DrawnStep(last.rows[~cut], last.tokens[~cut])
    return DrawnBatch(len(sequences), drawn, last.rows[cut])


def in_chunks(
    text: Callable[[Ints], bytes], count: int, at_once: int, workers: int
) -> Iterator[bytes]:
    """The text of consecutive sequences, on `workers` threads, in order.

    A few come first and tell how long documents are; then so many at once, or fewer where they are
    long.
    """
    few = min(count, FIRST_DOCUMENTS)
    if not few:
        return
    first = text(np.arange(few))
    yield first
    size = min(at_once, max(1, BYTES_AT_ONCE * few // len(first)))

    def chunk(begin: int) -> bytes:
        return text(np.arange(begin, min(begin + size, count)))

    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[bytes]] = deque()
        for begin in range(few, count, size):
            waiting.append(pool.submit(chunk, begin))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
