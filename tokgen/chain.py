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
from tokgen.model import Decoder, Floats, Ints, LanguageModel, Prefixes
from tokgen.numbering import MAX_STATES, Numbering, TooManyStates
from tokgen.sampler import SamplerChain

OPENED_AT_ONCE = 8192
EVALUATED_AT_ONCE = 512
NOWHERE = -1

Successors = NDArray[np.int32]


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


class ChainDecoder(Decoder):
    """Sequences that walk through a chain."""

    def __init__(self, chain: MarkovChain) -> None:
        self._chain = chain
        self._states: Ints = np.zeros(1, np.int64)

    def logprobs(self) -> Floats:
        """Log-probabilities of each sequence's next token (B, V)."""
        return self._chain.logprobs[self._states]

    def advance(self, parents: Ints, tokens: Ints) -> None:
        """Go on from the selected states; no token may be impossible there."""
        self._states = self._chain.successors[self._states[parents], tokens].astype(np.int64)


def arrived(chain: MarkovChain, states: Ints, flow: Floats) -> Floats:
    """The mass (S,) on each state after one token; `flow` (B, V) is what leaves `states` (B,)."""
    successors = chain.successors[states]
    going_on = successors != NOWHERE
    mass = np.bincount(successors[going_on], flow[going_on], minlength=len(chain))
    return mass.astype(np.float64)


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
    samplers.require_distribution_alone()
    frontier = Prefixes.of([prefix or []]).last(model.context_length)
    numbering = Numbering(max_states)
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
    merges = type(model).canonical is not LanguageModel.canonical
    return merges or contexts <= max_states


def _evaluate(model: LanguageModel, samplers: SamplerChain, prefixes: Prefixes) -> Floats:
    """Rows (B, V) under the chain, a cache's worth of prefixes at a time."""
    rows = np.empty((len(prefixes), model.vocabulary.size))

    def evaluate_part(part: slice, room: None) -> None:
        here = prefixes.select(np.arange(part.start, part.stop))
        rows[part] = samplers.apply(model.next_logprobs(here))

    in_parts(evaluate_part, len(prefixes), EVALUATED_AT_ONCE, lambda: None)
    return rows


def _continues(rows: Floats, terminator_id: int) -> NDArray[np.bool_]:
    possible = rows > -np.inf
    possible[:, terminator_id] = False
    return possible


def _codes(model: LanguageModel, prefixes: Prefixes) -> Ints:
    """One integer (B,) for each prefix, equal for equal futures: digits in base V + 2."""
    keys, base = model.canonical(prefixes), model.vocabulary.size + 2
    if float(base) ** keys.shape[1] >= 2.0**62:
        raise TooManyStates(
            f"A context of {keys.shape[1]} with {base - 2} symbols has too many states."
        )
    codes = np.zeros(len(keys), dtype=np.int64)
    for column in keys.T:
        codes = codes * base + column
    return codes
