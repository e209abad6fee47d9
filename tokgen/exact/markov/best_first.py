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
    """All documents in order of probability; of equals, the one whose ids are lower comes first."""
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

    # An entry: the bound, the path with its last choice, the path's log-probability before that,
    # and which choice it is in which state.
    heap: list[tuple[float, tuple[int, ...], float, int, int]] = []

    def push(path: tuple[int, ...], logprob: float, state: int, choice: int) -> None:
        following = choices(state)
        if choice < len(following):
            bound, _, token, _ = following[choice]
            heapq.heappush(heap, (-(logprob + bound), (*path, token), logprob, state, choice))

    push((), 0.0, 0, 0)
    while heap:
        _, path, before, state, choice = heapq.heappop(heap)
        push(path[:-1], before, state, choice + 1)
        _, added, token, after = choices(state)[choice]
        if token == chain.terminator_id:
            yield ScoredIds(path[:-1], before + added)
        else:
            push(path, before + added, after, 0)
