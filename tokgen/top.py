"""The most probable documents, exactly and in order, by best-first search.

From a chain with an exact bound (A*, Hart, Nilsson & Raphael 1968): each state's best completion is
known from a backward pass, so every node that is opened lies on a path to one of the answers. From
any other model with the bound 0, a prefix being at least as probable as what begins with it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tokgen.automaton import Automaton
from tokgen.backward import best_completions
from tokgen.chain import NOWHERE, MarkovChain
from tokgen.model import LanguageModel, Prefixes
from tokgen.numbering import TooManyStates
from tokgen.sampler import SamplerChain

OPENED_AT_ONCE = 64


@dataclass(frozen=True)
class TopDocument:
    """A document without its terminator, and its log-probability (nats)."""

    tokens: tuple[int, ...]
    logprob: float


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


# An entry of the heap: minus its log-probability, a number to break ties, its tokens, its state in
# the automaton, and whether it is a whole document.
_Entry = tuple[float, int, tuple[int, ...], int, bool]


def top_by_search(
    model: LanguageModel,
    samplers: SamplerChain,
    prefix: list[int],
    automaton: Automaton,
    max_prefixes: int,
) -> Iterator[TopDocument]:
    """Documents after a prefix in order of probability, for a model that is no finite chain.

    Only those that the automaton allows; their log-probabilities are not given that.

    Raises:
        TooManyStates: the next one is not among what `max_prefixes` prefixes lead to.
    """
    terminator = model.vocabulary.terminator_id
    heap: list[_Entry] = [(0.0, 0, (), 0, False)]
    count = looked_at = 0
    while heap:
        if heap[0][-1]:
            cost, _, path, _, _ = heapq.heappop(heap)
            yield TopDocument(path, -cost)
            continue
        opening: list[_Entry] = []
        while heap and not heap[0][-1] and len(opening) < OPENED_AT_ONCE:
            opening.append(heapq.heappop(heap))
        looked_at += len(opening)
        if looked_at > max_prefixes:
            left = sum(np.exp(-entry[0]) for entry in [*opening, *heap])
            raise TooManyStates(
                f"{max_prefixes:,} prefixes were looked at, and all that is left together has a "
                f"probability of at most {left:.3g}; --max-states raises the limit."
            )
        prefixes = Prefixes.of([[*prefix, *entry[2]] for entry in opening])
        rows = samplers.apply(model.next_logprobs(prefixes.last(model.context_length)))
        for (cost, _, path, place, _), row in zip(opening, rows, strict=True):
            after = automaton.successors[place].tolist()
            for token in np.flatnonzero(row > -np.inf).tolist():
                ended = token == terminator
                if automaton.accepts[place] if ended else after[token] != NOWHERE:
                    count += 1
                    longer = path if ended else (*path, token)
                    entry = (cost - float(row[token]), count, longer, after[token], ended)
                    heapq.heappush(heap, entry)
