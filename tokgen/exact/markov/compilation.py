"""Compiling a bounded model into a Markov chain over the contexts that can be reached."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, in_parts
from tokgen.errors import RequestError
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.state_numbers import MAX_STATES, StateNumbers, TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes

OPENED_AT_ONCE = 8192


EVALUATED_AT_ONCE = 512


def compile_chain(
    model: LanguageModel,
    samplers: SamplerChain | None = None,
    prefix: list[int] | None = None,
    max_states: int = MAX_STATES,
) -> MarkovChain:
    """The chain of a model from a prefix on, under a sampler chain.

    States are contexts that can be reached, merged where the model says that their futures are the
    same (`LanguageModel.state_keys`).

    Raises:
        TooManyStates: there are more than `max_states`.
        RequestError: the model's context is unbounded, or the samplers need more than the
            distribution.
    """
    samplers = samplers or SamplerChain()
    if model.context_length is None:
        raise RequestError("This model sees all tokens before: it is no finite chain.")
    samplers.require_distribution_alone()
    frontier = Prefixes.of([prefix or []]).last(model.context_length)
    numbering = StateNumbers(max_states)
    numbering.number(_codes(model, frontier))
    logprobs, successors, waiting = [], [], deque([frontier])
    while waiting:
        opened = waiting.popleft()
        rows = _evaluate(model, samplers, opened)
        parents, tokens = np.nonzero(_continues(rows, model.vocabulary.terminator_id))
        kept = opened.last(max(model.context_length - 1, 0))
        children = kept.select(parents).append(tokens).last(model.context_length)
        numbered = numbering.number(_codes(model, children))
        table = np.full(rows.shape, NOWHERE, dtype=np.int32)
        table[parents, tokens] = numbered.states
        logprobs.append(rows)
        successors.append(table)
        waiting.extend(
            children.select(numbered.fresh[begin : begin + OPENED_AT_ONCE])
            for begin in range(0, len(numbered.fresh), OPENED_AT_ONCE)
        )
    return MarkovChain(
        np.concatenate(logprobs), np.concatenate(successors), model.vocabulary.terminator_id
    )


def may_fit(model: LanguageModel, max_states: int) -> bool:
    """Whether a model may be a chain of at most `max_states`, so that compiling is worth a try.

    A model that tells all its contexts apart has as many states as there are contexts.
    """
    if model.context_length is None:
        return False
    letters = model.vocabulary.size - 1
    contexts = sum(letters**length for length in range(model.context_length + 1))
    merges = type(model).state_keys is not LanguageModel.state_keys
    return merges or contexts <= max_states


def _evaluate(model: LanguageModel, samplers: SamplerChain, prefixes: Prefixes) -> Floats:
    """Rows (B, V) under the chain, a cache's worth of prefixes at a time."""
    rows = np.empty((len(prefixes), model.vocabulary.size))

    def evaluate_part(part: slice, room: None) -> None:
        here = prefixes.select(np.arange(part.start, part.stop))
        rows[part] = samplers.final_logprobs(model.next_logprobs(here), model.vocabulary)

    in_parts(evaluate_part, len(prefixes), EVALUATED_AT_ONCE, lambda: None)
    return rows


def _continues(rows: Floats, terminator_id: int) -> NDArray[np.bool_]:
    possible = rows > -np.inf
    possible[:, terminator_id] = False
    return possible


def _codes(model: LanguageModel, prefixes: Prefixes) -> Ints:
    """One integer (B,) for each prefix, equal for equal futures: digits in base V + 2."""
    keys, base = model.state_keys(prefixes), model.vocabulary.size + 2
    if float(base) ** keys.shape[1] >= 2.0**62:
        raise TooManyStates(
            f"A context of {keys.shape[1]} with {base - 2} symbols has too many states."
        )
    codes = np.zeros(len(keys), dtype=np.int64)
    for column in keys.T:
        codes = codes * base + column
    return codes
