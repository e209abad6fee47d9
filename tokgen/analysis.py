"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tokgen.chain import MAX_STATES
from tokgen.conditioning import position_marginals
from tokgen.conditions import Conditions
from tokgen.errors import RequestError
from tokgen.exact import (
    describe,
    kl_divergence,
    mass_of,
    perplexity,
    unreachable_mass,
    visits,
)
from tokgen.exploration import explore
from tokgen.sampler import SamplerChain
from tokgen.text_model import TextModel

NEARLY_ALL = 0.99
MOST_POSITIONS = 24
EXPLORED_WIDTH = 4000

Position = dict[str, float]


def analyze(
    model: TextModel,
    samplers: SamplerChain,
    conditions: Conditions,
    max_states: int = MAX_STATES,
) -> dict[str, Any]:
    """Figures of the model under the samplers, given the conditions.

    Keys: `states`; `condition_prob`, the conditions' probability; `never_ending`; `entropy_bits`
    and `expected_length`, None where a document may never end; `kl_from_model_nats`, from what is
    drawn to the model alone; `in_corpus`, `in_train`, `in_held_out`: the probability that a
    document is in the corpus and its parts; `unreachable`, the model's mass that samplers or
    conditions exclude; `lengths`, mass by number of tokens. Of a model without a window: `lengths`
    of its likeliest documents only, `unexplored`, the mass of all others, and, without samplers,
    the probabilities of the corpus.

    Raises:
        RequestError: as `TextModel.markov_chain`; an unbounded model cannot be conditioned.
    """
    if model.model.context_length is None and not conditions:
        return _analyze_unbounded(model, samplers)
    alone = model.markov_chain(max_states=max_states).chain
    plain = not (samplers.links or conditions)
    conditioned = model.markov_chain(samplers, "", conditions, max_states)
    chain = alone if plain else conditioned.chain
    described = describe(chain)
    figures: dict[str, Any] = {
        "states": described.states,
        "never_ending": described.never_ending,
        "entropy_bits": described.entropy_bits,
        "expected_length": described.expected_length,
    }
    if conditions:
        figures["condition_prob"] = math.exp(conditioned.logprob)
    if not plain:
        certain = described.expected_length is not None
        figures["kl_from_model_nats"] = kl_divergence(chain, alone) if certain else None
        figures["unreachable"] = unreachable_mass(alone, chain)
    encode = model.tokenizer.encode
    memorised = _memorised(model, lambda each: mass_of(chain, map(encode, each)))
    return {**figures, **memorised, "lengths": _by_text(described.lengths)}


def _analyze_unbounded(model: TextModel, samplers: SamplerChain) -> dict[str, Any]:
    start = list(model.tokenizer.start_ids)
    explored = explore(model.model, samplers, start, EXPLORED_WIDTH)
    memorised = {} if samplers.links else _memorised(model, lambda each: _mass(model, each))
    figures = {"unexplored": explored.unexplored, **memorised}
    return {**figures, "lengths": _by_text(explored.lengths)}


def _mass(model: TextModel, documents: Iterable[str]) -> float:
    """The probability that a document of the model is one of these different ones."""
    return math.fsum(math.exp(score.logprob) for score in model.score_all(documents))


def compare(
    first: TextModel, second: TextModel, samplers: SamplerChain, conditions: Conditions
) -> dict[str, float]:
    """How far a model's documents are from another's, both given the conditions.

    The samplers are the first one's.

    Keys: `kl_nats` from the first to the second, `kl_back_nats` the other way, `perplexity` a token
    of the second on documents of the first.

    Raises:
        RequestError: their symbols differ, or as `TextModel.markov_chain`.
    """
    if first.tokenizer.symbols != second.tokenizer.symbols:
        raise RequestError("The two models have different symbols, so nothing can be compared.")
    ours = first.markov_chain(samplers, "", conditions).chain
    theirs = second.markov_chain(None, "", conditions).chain
    return {
        "kl_nats": kl_divergence(ours, theirs),
        "kl_back_nats": kl_divergence(theirs, ours),
        "perplexity": perplexity(theirs, ours),
    }


def posterior(model: TextModel, samplers: SamplerChain, conditions: Conditions) -> list[Position]:
    """Each token's probability at each position, given the conditions.

    As many positions as nearly all documents have, the terminator's own included.

    Raises:
        RequestError: as `TextModel.markov_chain`.
    """
    chain = model.markov_chain(samplers, "", conditions).chain
    reached = np.cumsum(visits(chain).lengths)
    count = min(int(np.searchsorted(reached, NEARLY_ALL)) + 1, MOST_POSITIONS)
    symbols = model.tokenizer.symbols
    return [
        {symbol: float(share) for symbol, share in zip(symbols, row, strict=True)}
        for row in position_marginals(chain, count)
    ]


def _memorised(model: TextModel, mass: Callable[[Iterable[str]], float]) -> dict[str, float]:
    try:
        corpus = model.corpus
    except RequestError:
        return {}
    train, everything = set(corpus.split("train")), set(corpus.documents)
    in_train, held_out = mass(train), mass(everything - train)
    return {"in_corpus": in_train + held_out, "in_train": in_train, "in_held_out": held_out}


def _by_text(lengths: dict[int, float]) -> dict[str, float]:
    return {str(length): mass for length, mass in lengths.items()}
