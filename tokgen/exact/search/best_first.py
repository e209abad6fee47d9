"""The most probable documents of any model, exactly and in order, by best-first search.

The bound is 0: a prefix is at least as probable as what begins with it. Of what follows a prefix
only the best that was not taken yet waits in the heap, so that a large vocabulary fills no memory.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.exact.automaton import Automaton
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search.watch import searches
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Beginning, final_logprobs_after
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.positions import room_after

OPENED_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class _Opened:
    """A prefix with what may follow it, the most probable first.

    Shapes: `tokens`, `costs` (minus the log-probability from the beginning on), `states` of the
    automaton, all (N,).
    """

    path: tuple[int, ...]
    tokens: Ints
    costs: Floats
    states: Ints

    def mass_from(self, choice: int) -> float:
        """The probability of all that follows from this choice on."""
        return float(np.exp(-self.costs[choice:]).sum())


# An entry of the heap: its cost, its path, the opened prefix before it, one of that one's choices.
_Entry = tuple[float, tuple[int, ...], _Opened, int]


def most_probable_by_search(
    model: LanguageModel,
    samplers: SamplerChain,
    beginning: Beginning,
    automaton: Automaton,
    max_prefixes: int,
) -> Iterator[ScoredIds]:
    """Documents after a beginning in order of probability, for a model that is no Markov chain.

    Of equals the one whose ids are lower comes first. Only those that the automaton allows; their
    log-probabilities are not given that. Where the model can read no further, a document ends or
    is none.

    Raises:
        TooManyStates: the next one is not among what `max_prefixes` prefixes lead to.
    """
    search = _Search(model, samplers, beginning, automaton)
    search.open([((), 0.0, automaton.start)])
    while search.heap:
        choices = search.best_choices()
        if isinstance(choices, ScoredIds):
            yield choices
            continue
        if search.opened + len(choices) > max_prefixes:
            left = search.mass_left() + sum(float(np.exp(-cost)) for _, cost, _ in choices)
            raise TooManyStates(
                f"{max_prefixes:,} prefixes were searched, and all that is left together has a "
                f"probability of at most {left:.3g}.",
                field="memory",
            )
        search.open(choices)
        searches.tell(search.opened, max_prefixes)


class _Search:
    """The heap of what may come next."""

    def __init__(
        self,
        model: LanguageModel,
        samplers: SamplerChain,
        beginning: Beginning,
        automaton: Automaton,
    ) -> None:
        self._model, self._samplers, self._beginning = model, samplers, beginning
        self._automaton = automaton
        self._terminator = model.vocabulary.terminator_id
        self._room = room_after(model, len(beginning.ids))
        self.heap: list[_Entry] = []
        self.opened = 0

    def open(self, prefixes: Sequence[tuple[tuple[int, ...], float, int]]) -> None:
        """Ask the model what follows prefixes: each its path, its cost, its automaton's state."""
        self.opened += len(prefixes)
        paths = [path for path, _, _ in prefixes]
        rows = final_logprobs_after(self._model, self._samplers, self._beginning, paths)
        states = np.array([state for _, _, state in prefixes])
        successors = self._automaton.rows(states)
        allowed = successors != NOWHERE
        allowed[:, self._terminator] = self._automaton.accepts(states)
        allowed &= rows > -np.inf
        full = np.array([len(path) == self._room for path in paths])
        allowed[full] &= np.arange(rows.shape[1]) == self._terminator
        for (path, cost, _), row, after, may in zip(
            prefixes, rows, successors, allowed, strict=True
        ):
            tokens = np.flatnonzero(may)
            tokens = tokens[np.argsort(-row[tokens], kind="stable")]
            self._push(_Opened(path, tokens, cost - row[tokens], after[tokens]), 0)

    def _push(self, opened: _Opened, choice: int) -> None:
        if choice < len(opened.tokens):
            path = (*opened.path, int(opened.tokens[choice]))
            heapq.heappush(self.heap, (float(opened.costs[choice]), path, opened, choice))

    def best_choices(self) -> ScoredIds | list[tuple[tuple[int, ...], float, int]]:
        """The best document, where it is one; else the best prefixes, which must be opened."""
        choices: list[tuple[tuple[int, ...], float, int]] = []
        while self.heap and len(choices) < OPENED_AT_ONCE:
            cost, path, opened, choice = self.heap[0]
            token = path[-1]
            if token == self._terminator and choices:
                break
            heapq.heappop(self.heap)
            self._push(opened, choice + 1)
            if token == self._terminator:
                return ScoredIds(opened.path, -cost)
            choices.append((path, cost, int(opened.states[choice])))
        return choices

    def mass_left(self) -> float:
        """The probability of all that was not given and not opened."""
        return sum(opened.mass_from(choice) for _, _, opened, choice in self.heap)
