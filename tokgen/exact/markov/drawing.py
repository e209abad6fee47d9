"""Drawing documents from a chain one after the other, by the words of the seed law."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tokgen import rng
from tokgen.arrays import Ints
from tokgen.exact.longest import LONGEST_DRAWN, TooLongError
from tokgen.exact.markov.markov_chain import Chain
from tokgen.exact.scored_ids import ScoredIds
from tokgen.generation.draw import draw
from tokgen.stopping import may_stop

FIRST_DOCUMENTS = 64
DOCUMENTS_AT_ONCE = 4096
TOKENS_AT_ONCE = 1 << 22


def with_replacement(chain: Chain, seed: int, sequences: Ints) -> Iterator[ScoredIds]:
    """The documents of these sequences (B,), with their log-probabilities under the chain.

    The words are those of the seed law; a conditioned chain makes other documents of them.

    Raises:
        TooLongError: a document does not end within the tokens that are drawn for one.
    """
    begin, size = 0, FIRST_DOCUMENTS
    while begin < len(sequences):
        documents = list(_drawn(chain, seed, sequences[begin : begin + size]))
        yield from documents
        begin += len(documents)
        tokens = sum(len(each.tokens) + 1 for each in documents)
        size = min(DOCUMENTS_AT_ONCE, max(1, TOKENS_AT_ONCE * len(documents) // tokens))


def _drawn(chain: Chain, seed: int, sequences: Ints) -> Iterator[ScoredIds]:
    rows, states = np.arange(len(sequences)), np.zeros(len(sequences), np.int64)
    paths: list[list[int]] = [[] for _ in sequences]
    logprobs = np.zeros(len(sequences))
    for step in range(LONGEST_DRAWN + 1):
        may_stop()
        distinct, nodes = np.unique(states, return_inverse=True)
        words = rng.words(seed, step, sequences[rows])
        seen, nodes = chain.logprobs_at(distinct), nodes.reshape(-1)
        tokens = draw(seen, nodes, words)
        logprobs[rows] += seen[nodes, tokens]
        going_on = np.flatnonzero(tokens != chain.terminator_id)
        if not len(going_on):
            break
        if step == LONGEST_DRAWN:
            raise TooLongError(step)
        rows, tokens = rows[going_on], tokens[going_on]
        states = chain.after(states[going_on], tokens)
        for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
            paths[row].append(token)
    for path, logprob in zip(paths, logprobs.tolist(), strict=True):
        yield ScoredIds(tuple(path), logprob)
