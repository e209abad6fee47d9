"""The most probable documents of any model, exactly and in order, by best-first search.

The bound is 0: a prefix is at least as probable as what begins with it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from tokgen.arrays import Floats
from tokgen.exact.automaton import Automaton
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Beginning, final_logprobs_after
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel

OPENED_AT_ONCE = 64


# An entry of the heap: minus its log-probability, a number to break ties, its tokens, its state in
# the automaton, and whether it is a whole document.
_Entry = tuple[float, int, tuple[int, ...], int, bool]


def most_probable_by_search(
    model: LanguageModel,
    samplers: SamplerChain,
    beginning: Beginning,
    automaton: Automaton,
    max_prefixes: int,
) -> Iterator[ScoredIds]:
    """Documents after a beginning in order of probability, for a model that is no finite chain.

    Only those that the automaton allows; their log-probabilities are not given that.

    Raises:
        TooManyStates: the next one is not among what `max_prefixes` prefixes lead to.
    """
    terminator = model.vocabulary.terminator_id
    heap: list[_Entry] = [(0.0, 0, (), automaton.start, False)]
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
                f"probability of at most {left:.3g}.",
                field="max_states",
            )
        paths = [entry[2] for entry in opening]
        rows = final_logprobs_after(model, samplers, beginning, paths)
        for cost, path, place, ended in _continued(opening, rows, automaton, terminator):
            count += 1
            heapq.heappush(heap, (cost, count, path, place, ended))


def _continued(
    opened: list[_Entry], rows: Floats, automaton: Automaton, terminator: int
) -> Iterator[tuple[float, tuple[int, ...], int, bool]]:
    """Each token that may follow: minus the log-probability, the tokens, the state, the end.

    `rows` (B, V) are log-probabilities, nats, of what follows the entries (B).
    """
    places = np.array([entry[3] for entry in opened])
    successors = automaton.rows(places)
    allowed = successors != NOWHERE
    allowed[:, terminator] = automaton.accepts(places)
    at, tokens = np.nonzero(allowed & (rows > -np.inf))
    columns = (at, tokens, rows[at, tokens], successors[at, tokens])
    for number, token, logprob, place in zip(*(c.tolist() for c in columns), strict=True):
        cost, _, path, _, _ = opened[number]
        ended = token == terminator
        yield cost - logprob, path if ended else (*path, token), place, ended
