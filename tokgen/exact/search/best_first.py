"""The most probable documents of any model, exactly and in order, by best-first search.

The bound is 0: a prefix is at least as probable as what begins with it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from tokgen.exact.automaton import Automaton
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes

OPENED_AT_ONCE = 64


# An entry of the heap: minus its log-probability, a number to break ties, its tokens, its state in
# the automaton, and whether it is a whole document.
_Entry = tuple[float, int, tuple[int, ...], int, bool]


def most_probable_by_search(
    model: LanguageModel,
    samplers: SamplerChain,
    prefix: list[int],
    automaton: Automaton,
    max_prefixes: int,
) -> Iterator[ScoredIds]:
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
            yield ScoredIds(path, -cost)
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
        rows = samplers.final_logprobs(
            model.next_logprobs(prefixes.last(model.context_length)), model.vocabulary
        )
        for (cost, _, path, place, _), row in zip(opening, rows, strict=True):
            after = automaton.successors[place].tolist()
            for token in np.flatnonzero(row > -np.inf).tolist():
                ended = token == terminator
                if automaton.accepts[place] if ended else after[token] != NOWHERE:
                    count += 1
                    longer = path if ended else (*path, token)
                    entry = (cost - float(row[token]), count, longer, after[token], ended)
                    heapq.heappush(heap, entry)
