"""The most probable documents of a Markov chain, exactly and in order.

Best-first search with an exact bound (A*, Hart, Nilsson & Raphael 1968): each state's best
completion is known from a backward pass, so every node that is opened lies on a path to an answer.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from tokgen.exact.markov.backward import best_completions
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.transitions import NOWHERE


def top(chain: MarkovChain) -> Iterator[ScoredIds]:
    """All documents in order of probability; of equals, the one found first."""
    best = best_completions(chain)
    opened: dict[int, list[tuple[float, float, int, int]]] = {}

    def choices(state: int) -> list[tuple[float, float, int, int]]:
        """What can follow: (bound, log-probability, token, state), the best first."""
        if state not in opened:
            row, after = chain.logprobs[state], chain.successors[state]
            bounds = row + np.where(after == NOWHERE, -np.inf, best[after])
            bounds[chain.terminator_id] = row[chain.terminator_id]
            order = np.argsort(-bounds, kind="stable")
            order = order[bounds[order] > -np.inf]
            columns = (bounds[order], row[order], order, after[order])
            opened[state] = list(zip(*(column.tolist() for column in columns), strict=True))
        return opened[state]

    # An entry: the bound, a number to break ties, and which choice is taken after which path.
    heap: list[tuple[float, int, float, int, int, tuple[int, ...]]] = []
    count = 0
    if choices(0):
        heap.append((-choices(0)[0][0], count, 0.0, 0, 0, ()))
    while heap:
        _, _, logprob, state, choice, path = heapq.heappop(heap)
        following = choices(state)
        if choice + 1 < len(following):
            count += 1
            bound = logprob + following[choice + 1][0]
            heapq.heappush(heap, (-bound, count, logprob, state, choice + 1, path))
        _, added, token, after = following[choice]
        if token == chain.terminator_id:
            yield ScoredIds(path, logprob + added)
            continue
        count += 1
        bound = logprob + added + choices(after)[0][0]
        heapq.heappush(heap, (-bound, count, logprob + added, after, 0, (*path, token)))
