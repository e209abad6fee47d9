"""Compiling a bounded model into a Markov chain over the contexts that can be reached.

A state is a context, how much of the prefix is spelt, and, where a sampler needs the position, how
many tokens were drawn; contexts are merged where the model says that their futures are the same
(`LanguageModel.state_keys`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, in_parts, rows_at_once
from tokgen.errors import RequestError
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.state_numbers import MAX_STATES, StateNumbers, TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Beginning
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.guards.stamp import implementation_of
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.sampler import History
from tokgen.stopping import may_stop

OPENED_AT_ONCE = 8192
EVALUATED_AT_ONCE = 512


def compile_chain(
    model: LanguageModel,
    samplers: SamplerChain | None = None,
    beginning: Beginning | None = None,
    max_states: int = MAX_STATES,
) -> MarkovChain:
    """The Markov chain of a model from a beginning on, under a sampler chain.

    Without a beginning it is that of every document: the start id, where there is one.

    Raises:
        TooManyStates: there are more than `max_states`.
        RequestError: the model's context is unbounded, or a sampler needs the history, or the
            position without an end.
    """
    given = beginning or Beginning(model.vocabulary.beginning)
    compiler = _Compiler(model, samplers or SamplerChain(), given)
    numbers = StateNumbers(max_states)
    first = compiler.first()
    numbers.number(compiler.codes(first))
    logprobs, successors, waiting = [], [], deque([first])
    # Each row has up to V children, and each of those some eight numbers on its way to a state.
    at_once = rows_at_once(8 * model.vocabulary.size, OPENED_AT_ONCE)
    while waiting:
        may_stop()
        opened = waiting.popleft()
        rows = compiler.rows(opened)
        parents, tokens = np.nonzero(_continues(rows, model.vocabulary.terminator_id))
        children = compiler.after(opened, parents, tokens)
        numbered = numbers.number(compiler.codes(children))
        table = np.full(rows.shape, NOWHERE, dtype=np.int32)
        table[parents, tokens] = numbered.states
        logprobs.append(rows)
        successors.append(table)
        waiting.extend(children.select(numbered.fresh).in_parts(at_once))
    return MarkovChain(
        np.concatenate(logprobs), np.concatenate(successors), model.vocabulary.terminator_id
    )


@dataclass(frozen=True, eq=False)
class _States:
    """States (B,): the context's ids, the bytes of the prefix that are spelt, and a counter."""

    contexts: Prefixes
    spelt: Ints
    position: Ints

    def select(self, rows: Ints) -> _States:
        return _States(self.contexts.select(rows), self.spelt[rows], self.position[rows])

    def in_parts(self, at_once: int) -> Iterator[_States]:
        count = len(self.spelt)
        for begin in range(0, count, at_once):
            yield self.select(np.arange(begin, min(begin + at_once, count)))


class _Compiler:
    """What a state's row is, what follows it, and by which number it is known again."""

    def __init__(self, model: LanguageModel, samplers: SamplerChain, beginning: Beginning) -> None:
        if model.context_length is None:
            raise RequestError("This model sees all tokens before: it is no finite Markov chain.")
        samplers.require_finite()
        counts_to = samplers.counts_to
        self._model, self._samplers, self._beginning = model, samplers, beginning
        self._context_length: int = model.context_length
        self._counts_to = counts_to or 0
        self._spelling = (
            PrefixSpelling(model, beginning.rest, beginning.pieces) if beginning.rest else None
        )

    def first(self) -> _States:
        """The state at the beginning."""
        contexts = self._beginning.prefixes(self._model.vocabulary)
        nothing = np.zeros(1, np.int64)
        return _States(contexts.last(self._context_length), nothing, nothing)

    def rows(self, states: _States) -> Floats:
        """Rows (B, V) under the samplers, a cache's worth of contexts at a time."""
        rows = np.empty((len(states.spelt), self._model.vocabulary.size))

        def evaluate_part(part: slice, room: None) -> None:
            here = states.select(np.arange(part.start, part.stop))
            rows[part] = self._evaluate(here)

        in_parts(evaluate_part, len(rows), EVALUATED_AT_ONCE, lambda: None)
        return rows

    def _evaluate(self, states: _States) -> Floats:
        rows = self._model.next_logprobs(states.contexts)
        if self._spelling is not None:
            rows = self._spelling.conditional(rows, states.contexts, states.spelt)
        history = None
        if self._counts_to:
            # Where drawing began lies so far back that the position is right; samplers that are
            # compiled cannot look at the ids.
            start = states.contexts.lengths - states.position
            nothing = np.zeros((len(start), 0))
            history = History(states.contexts, start, nothing, nothing)
        return self._samplers.final_logprobs(rows, self._model.vocabulary, history)

    def after(self, states: _States, parents: Ints, tokens: Ints) -> _States:
        """The states (B',) after a token (B',) more."""
        kept = states.contexts.last(max(self._context_length - 1, 0))
        contexts = kept.select(parents).append(tokens).last(self._context_length)
        spelt, position = states.spelt[parents], states.position[parents]
        if self._spelling is not None:
            spelt = self._spelling.after(spelt, tokens)
        return _States(contexts, spelt, np.minimum(position + 1, self._counts_to))

    def codes(self, states: _States) -> Ints:
        """One integer (B,) for each state, equal for equal futures: digits in base V + 2."""
        keys, base = self._model.state_keys(states.contexts), self._model.vocabulary.size + 2
        more = (len(self._beginning.rest) + 1) * (self._counts_to + 1)
        if float(base) ** keys.shape[1] * more >= 2.0**62:
            raise TooManyStates(
                f"A context of {keys.shape[1]} with {base - 2} symbols has too many states."
            )
        codes = np.zeros(len(keys), dtype=np.int64)
        for column in keys.T:
            codes = codes * base + column
        codes = codes * (len(self._beginning.rest) + 1) + states.spelt
        return codes * (self._counts_to + 1) + states.position


def may_fit(model: LanguageModel, max_states: int) -> bool:
    """Whether a model may be a chain of at most `max_states`, so that compiling is worth a try.

    A model that tells all its contexts apart has as many states as there are contexts.
    """
    if model.context_length is None:
        return False
    letters = model.vocabulary.size - 1
    contexts = sum(letters**length for length in range(model.context_length + 1))
    merges = implementation_of(type(model)).state_keys is not LanguageModel.state_keys
    return merges or contexts <= max_states


def _continues(rows: Floats, terminator_id: int) -> NDArray[np.bool_]:
    possible = rows > -np.inf
    possible[:, terminator_id] = False
    return possible
