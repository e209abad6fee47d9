"""The most probable documents, exactly and in order, by best-first search.

From a chain with an exact bound (A*, Hart, Nilsson & Raphael 1968): each state's best completion is
known from a backward pass, so every node that is opened lies on a path to one of the answers. From
any other model with the bound 0, a prefix being at least as probable as what begins with it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tokgen.chain import NOWHERE, MarkovChain
from tokgen.model import Floats, LanguageModel, Prefixes

OPENED_AT_ONCE = 64


@dataclass(frozen=True)
class TopDocument:
    """A document without its terminator, and its log-probability (nats)."""

    tokens: tuple[int, ...]
    logprob: float


def best_completions(chain: MarkovChain) -> Floats:
    """Log-probability (S,) of the most probable way to end from each state; -inf where none is."""
    best = chain.logprobs[:, chain.terminator_id].copy()
    rows, tokens = np.nonzero(chain.successors != NOWHERE)
    weights, targets = chain.logprobs[rows, tokens], chain.successors[rows, tokens]
    begin = np.searchsorted(rows, np.arange(len(chain)))
    continues = np.flatnonzero(np.diff(np.append(begin, len(rows))))
    while len(continues):
        through = np.full(len(chain), -np.inf)
        through[continues] = np.maximum.reduceat(weights + best[targets], begin[continues])
        updated = np.maximum(best, through)
        if (updated == best).all():
            break
        best = updated
    return best


def top(chain: MarkovChain) -> Iterator[TopDocument]:
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
            yield TopDocument(path, logprob + added)
            continue
        count += 1
        bound = logprob + added + choices(after)[0][0]
        heapq.heappush(heap, (-bound, count, logprob + added, after, 0, (*path, token)))


def top_of_unbounded(model: LanguageModel, prefix: list[int]) -> Iterator[TopDocument]:
    """All documents after a prefix in order of probability, for a model that is no finite chain."""
    terminator = model.vocabulary.terminator_id
    heap: list[tuple[float, int, tuple[int, ...], bool]] = [(0.0, 0, (), False)]
    count = 0
    while heap:
        if heap[0][3]:
            cost, _, path, _ = heapq.heappop(heap)
            yield TopDocument(path, -cost)
            continue
        opening: list[tuple[float, int, tuple[int, ...], bool]] = []
        while heap and not heap[0][3] and len(opening) < OPENED_AT_ONCE:
            opening.append(heapq.heappop(heap))
        rows = model.next_logprobs(Prefixes.of([[*prefix, *path] for _, _, path, _ in opening]))
        for (cost, _, path, _), row in zip(opening, rows, strict=True):
            for token, logprob in enumerate(row.tolist()):
                if math.isfinite(logprob):
                    count += 1
                    ended = token == terminator
                    longer = path if ended else (*path, token)
                    heapq.heappush(heap, (cost - logprob, count, longer, ended))
