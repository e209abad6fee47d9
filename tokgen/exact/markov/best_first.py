"""The most probable documents of a Markov chain, exactly and in order.

Best-first search with an exact bound (A*, Hart, Nilsson & Raphael 1968): each state's best
completion is known from a backward pass, so every node that is opened lies on a path to an answer.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats
from tokgen.exact.markov.backward import best_completions
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.transitions import NOWHERE


def top(chain: MarkovChain) -> Iterator[ScoredIds]:
    """All documents in order of probability; of equals, the one whose ids are lower comes first."""
    best = best_completions(chain)
    # Of each state that was opened, the tokens that may follow, the best first.
    opened: dict[int, NDArray[np.int32]] = {}

    def bounds_of(state: int) -> Floats:
        after = chain.successors[state]
        bounds = chain.logprobs[state] + np.where(after == NOWHERE, -np.inf, best[after])
        bounds[chain.terminator_id] = chain.logprobs[state, chain.terminator_id]
        return bounds

    def tokens_after(state: int) -> NDArray[np.int32]:
        if state not in opened:
            bounds = bounds_of(state)
            order = np.argsort(-bounds, kind="stable")
            opened[state] = order[bounds[order] > -np.inf].astype(np.int32)
        return opened[state]

    def bound_of(state: int, token: int) -> float:
        after = int(chain.successors[state, token])
        onward = 0.0 if token == chain.terminator_id else float(best[after])
        return float(chain.logprobs[state, token]) + onward

    # An entry: the bound, the path with its last choice, the path's log-probability before that,
    # and which choice it is in which state.
    heap: list[tuple[float, tuple[int, ...], float, int, int]] = []

    def push(path: tuple[int, ...], logprob: float, state: int, choice: int) -> None:
        following = tokens_after(state)
        if choice < len(following):
            token = int(following[choice])
            bound = logprob + bound_of(state, token)
            heapq.heappush(heap, (-bound, (*path, token), logprob, state, choice))

    push((), 0.0, 0, 0)
    while heap:
        _, path, before, state, choice = heapq.heappop(heap)
        push(path[:-1], before, state, choice + 1)
        token = path[-1]
        logprob = before + float(chain.logprobs[state, token])
        if token == chain.terminator_id:
            yield ScoredIds(path[:-1], logprob)
        else:
            push(path, logprob, int(chain.successors[state, token]), 0)
