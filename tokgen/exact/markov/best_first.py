"""The most probable documents of a Markov chain, exactly and in order.

Best-first search with an exact bound (A*, Hart, Nilsson & Raphael 1968): each state's best
completion is known from a backward pass, so every node that is opened lies on a path to an answer.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints
from tokgen.exact.markov.backward import best_completions
from tokgen.exact.markov.markov_chain import Chain, MarkovChain
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.transitions import NOWHERE
from tokgen.stopping import may_stop


@dataclass(frozen=True, eq=False)
class _Choices:
    """What may follow a state, the best first: tokens, their log-probabilities, bounds, states."""

    tokens: NDArray[np.int32]
    logprobs: Floats
    bounds: Floats
    states: Ints


@dataclass(frozen=True, eq=False)
class _Path:
    """Tokens, the last one here and the others in the path before it; ordered as their ids are."""

    before: _Path | None
    token: int

    def ids(self) -> tuple[int, ...]:
        found: list[int] = []
        path: _Path | None = self
        while path is not None:
            found.append(path.token)
            path = path.before
        return tuple(reversed(found))

    def __lt__(self, other: _Path) -> bool:
        return self.ids() < other.ids()


def top(chain: MarkovChain) -> Iterator[ScoredIds]:
    """All documents in order of probability; of equals, the one whose ids are lower comes first."""
    return in_order(chain, best_completions(chain).take)


def in_order(chain: Chain, best: Callable[[Ints], Floats]) -> Iterator[ScoredIds]:
    """The same, where `best` tells the log-probability of the best way to end of states (B,)."""
    opened: dict[int, _Choices] = {}

    def choices(state: int) -> _Choices:
        if state not in opened:
            here = np.array([state])
            row, after = chain.logprobs_at(here)[0], chain.rows(here)[0]
            bounds = row + np.where(after == NOWHERE, -np.inf, best(np.maximum(after, 0)))
            bounds[chain.terminator_id] = row[chain.terminator_id]
            order = np.argsort(-bounds, kind="stable")
            order = order[bounds[order] > -np.inf]
            opened[state] = _Choices(
                order.astype(np.int32), row[order], bounds[order], after[order]
            )
        return opened[state]

    # An entry: the bound, the path with its last choice, the path's log-probability before that,
    # and which choice it is in which state.
    heap: list[tuple[float, _Path, float, int, int]] = []

    def push(before: _Path | None, logprob: float, state: int, choice: int) -> None:
        following = choices(state)
        if choice < len(following.tokens):
            path = _Path(before, int(following.tokens[choice]))
            bound = logprob + float(following.bounds[choice])
            heapq.heappush(heap, (-bound, path, logprob, state, choice))

    push(None, 0.0, 0, 0)
    while heap:
        may_stop()
        _, path, before, state, choice = heapq.heappop(heap)
        push(path.before, before, state, choice + 1)
        following = choices(state)
        logprob = before + float(following.logprobs[choice])
        if path.token == chain.terminator_id:
            yield ScoredIds(path.ids()[:-1], logprob)
        else:
            push(path, logprob, int(following.states[choice]), 0)
