"""MarkovChain: a bounded model as a finite Markov chain over the contexts that can be reached.

With V symbols and a context of k, a model is a table: at V = 27 and k = 3, 18,279 rows. What can be
asked of such a table is answered exactly (`exact`, `conditioning`, `top`) or very fast (`bulk`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tokgen.cores import in_parts
from tokgen.errors import RequestError
from tokgen.model import Floats, Ints, LanguageModel, Prefixes
from tokgen.sampler import SamplerChain

MAX_STATES = 1_000_000
OPENED_AT_ONCE = 8192
EVALUATED_AT_ONCE = 512
NOWHERE = -1

Successors = NDArray[np.int32]


class TooManyStates(RequestError):
    """The states would not fit; the message names the limit."""


@dataclass(frozen=True, eq=False)
class MarkovChain:
    """States with what follows each. It begins in state 0; the terminator ends a document.

    Shapes: `logprobs` (S, V) nats, rows normalised; `successors` (S, V) int32, -1 (NOWHERE) for the
    terminator and for what is impossible.
    """

    logprobs: Floats
    successors: Successors
    terminator_id: int

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.logprobs)

    @property
    def vocabulary_size(self) -> int:
        """How many symbols there are, the terminator included."""
        return int(self.logprobs.shape[1])

    def walk(self, tokens: list[int]) -> int | None:
        """The state after these tokens, or None where they are impossible."""
        state = 0
        for token in tokens:
            state = int(self.successors[state, token])
            if state == NOWHERE:
                return None
        return state


def compile_chain(
    model: LanguageModel,
    samplers: SamplerChain | None = None,
    prefix: list[int] | None = None,
    max_states: int = MAX_STATES,
) -> MarkovChain:
    """The chain of a model from a prefix on, under a sampler chain.

    States are contexts that can be reached, merged where the model says that their futures are the
    same (`LanguageModel.canonical`).

    Raises:
        TooManyStates: there are more than `max_states`.
        RequestError: the model's context is unbounded, or the samplers need more than the
            distribution.
    """
    samplers = samplers or SamplerChain()
    if model.context_length is None:
        raise RequestError("This model sees all tokens before: it is no finite chain.")
    if not samplers.needs_distribution_alone:
        raise RequestError("A sampler of the chain needs more than the distribution.")
    frontier = Prefixes.of([prefix or []]).last(model.context_length)
    keys = _Keys(model)
    keys.new(frontier)
    logprobs, successors, waiting = [], [], deque([frontier])
    while waiting:
        opened = waiting.popleft()
        rows = _evaluate(model, samplers, opened)
        parents, tokens = np.nonzero(_continues(rows, model.vocabulary.terminator_id))
        kept = opened.last(max(model.context_length - 1, 0))
        children = kept.select(parents).append(tokens).last(model.context_length)
        states, fresh = keys.new(children)
        if keys.count > max_states:
            raise TooManyStates(
                f"The model has more than {max_states:,} states; --max-states raises this limit."
            )
        table = np.full(rows.shape, NOWHERE, dtype=np.int32)
        table[parents, tokens] = states
        logprobs.append(rows)
        successors.append(table)
        waiting.extend(
            children.select(fresh[begin : begin + OPENED_AT_ONCE])
            for begin in range(0, len(fresh), OPENED_AT_ONCE)
        )
    return MarkovChain(
        np.concatenate(logprobs), np.concatenate(successors), model.vocabulary.terminator_id
    )


def _evaluate(model: LanguageModel, samplers: SamplerChain, prefixes: Prefixes) -> Floats:
    """Rows (B, V) under the chain, a cache's worth of prefixes at a time."""
    rows = np.empty((len(prefixes), model.vocabulary.size))

    def evaluate_part(part: slice) -> None:
        here = prefixes.select(np.arange(part.start, part.stop))
        rows[part] = samplers.apply(model.next_logprobs(here))

    in_parts(evaluate_part, len(prefixes), EVALUATED_AT_ONCE)
    return rows


def _continues(rows: Floats, terminator_id: int) -> NDArray[np.bool_]:
    possible = rows > -np.inf
    possible[:, terminator_id] = False
    return possible


class _Keys:
    """Numbers states by their canonical keys, in the order in which they are found."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._known: NDArray[np.int64] = np.zeros(0, np.int64)
        self._states: NDArray[np.int64] = np.zeros(0, np.int64)
        self.count = 0

    def new(self, prefixes: Prefixes) -> tuple[Ints, Ints]:
        """The state (B,) of each prefix, and which prefixes stand for the new states, in order."""
        codes = self._codes(self._model.canonical(prefixes))
        distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        places = np.searchsorted(self._known, distinct)
        inside = np.minimum(places, max(len(self._known) - 1, 0))
        old = self._known[inside] == distinct if len(self._known) else np.zeros(len(distinct), bool)
        states = np.empty(len(distinct), dtype=np.int64)
        states[old] = self._states[inside[old]]
        states[~old] = self.count + np.arange(int((~old).sum()))
        self.count += int((~old).sum())
        self._known = np.insert(self._known, places[~old], distinct[~old])
        self._states = np.insert(self._states, places[~old], states[~old])
        return states[inverse.reshape(-1)], first[~old]

    def _codes(self, keys: Ints) -> Ints:
        """One integer (B,) for each row of keys (B, W): digits in base V + 2 above a length."""
        base = self._model.vocabulary.size + 2
        if float(base) ** keys.shape[1] >= 2.0**62:
            raise RequestError(
                f"A context of {keys.shape[1]} with {base - 2} symbols has too many states."
            )
        codes = np.zeros(len(keys), dtype=np.int64)
        for column in keys.T:
            codes = codes * base + column
        return codes
