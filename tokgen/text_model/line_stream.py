"""Many documents as lines of bytes, thousands at a time, by the fastest way that there is.

A chain is walked by table look-up; any other model is grown, and reads equal prefixes once. The
words are those of the seed law whichever way is taken, so the documents are the same.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.bulk.drawn_batch import Bytes, DrawnBatch, DrawnStep
from tokgen.exact.bulk.table_sampler import TableSampler, fastest
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.state_numbers import MAX_STATES, TooManyStates
from tokgen.generation.grow import grow
from tokgen.generation.growth import Beginning
from tokgen.text_model.document_set import DocumentSet

DOCUMENTS_AT_ONCE = 131_072
FEWEST_STATES = 20_000
STATES_A_DOCUMENT = 8


def line_chunks(
    source: DocumentSet, seed: int, count: int, max_length: int, bytes_of: Bytes, prefix: bytes
) -> Iterator[bytes] | None:
    """`count` documents with `prefix` before them, a line each, some thousands a chunk.

    `bytes_of` (V,) as for `DrawnBatch.text`. None where what is asked for can only be searched for.

    Raises:
        RequestError: as `DocumentSet.chain`.
    """
    chain = _worthwhile_chain(source, count)
    if chain is not None:
        table = fastest(TableSampler(chain, max_length), count)
        workers = os.cpu_count() or 1
        return in_chunks(lambda some: table.text(seed, some, bytes_of, prefix), count, workers)
    if source.automaton is not None:
        return None
    # One batch at a time: models use all cores themselves, and their states are large.
    return in_chunks(
        lambda some: grown(source, seed, some, max_length).text(bytes_of, prefix), count, 1
    )


def _worthwhile_chain(source: DocumentSet, count: int) -> MarkovChain | None:
    """The chain of what is asked for, where there is one that repays its making."""
    if source.automaton is not None:
        return source.chain.chain if source.is_chain else None
    budget = max(FEWEST_STATES, min(STATES_A_DOCUMENT * count, MAX_STATES))
    limited = replace(source, max_states=budget)
    if not (limited.is_chain and source.samplers.needs_distribution_alone):
        return None
    try:
        return limited.chain.chain
    except TooManyStates:
        return None


def grown(source: DocumentSet, seed: int, sequences: Ints, max_length: int) -> DrawnBatch:
    """The documents of these sequences (B,), token by token."""
    beginning = Beginning(source.prefix)
    steps = grow(source.model, source.samplers, beginning, seed, sequences, max_length)
    strides = [DrawnStep(step.rows, step.tokens) for step in steps]
    last = strides[-1]
    cut = last.tokens != source.model.vocabulary.terminator_id
    strides[-1] = DrawnStep(last.rows[~cut], last.tokens[~cut])
    return DrawnBatch(len(sequences), strides, last.rows[cut])


def in_chunks(text: Callable[[Ints], bytes], count: int, workers: int) -> Iterator[bytes]:
    """The text of consecutive sequences, on `workers` threads, in order."""

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
