"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tokgen.automaton import everything
from tokgen.conditioning import Conditioned, condition, position_marginals
from tokgen.conditions import Conditions
from tokgen.errors import RequestError
from tokgen.exact import describe, kl_divergence, perplexity, unreachable_mass, visits
from tokgen.exploration import divergence_at_least
from tokgen.numbering import MAX_STATES
from tokgen.sampler import SamplerChain
from tokgen.source import Source
from tokgen.text_model import UNCONDITIONED, TextModel

NEARLY_ALL = 0.99
MOST_POSITIONS = 24

Figures = dict[str, Any]
Position = dict[str, float]


def analyze(
    model: TextModel,
    samplers: SamplerChain,
    conditions: Conditions,
    prefix: str = "",
    max_states: int = MAX_STATES,
) -> Figures:
    """Figures of the model under the samplers, given the conditions, after a prefix.

    Keys: `prefix_prob`, the model's probability of beginning so, where there is a prefix; all else
    is given that. `states`; `condition_prob`, the conditions' probability; `never_ending`;
    `entropy_bits` and `expected_length`, None where a document may never end;
    `kl_from_model_nats`, from what is drawn to the model alone; `unreachable`, the model's mass
    that samplers or conditions exclude; `in_corpus`, `in_train`, `in_held_out`: the probability
    that a document is in the corpus and its parts; `lengths`, mass by number of tokens.

    A model that is no finite chain is explored: `prefixes`, how many were looked at; bounds, whose
    keys end in `_at_least` and `_at_most`; `unexplored`, the mass of all other documents; `lengths`
    of those looked at, given conditions as shares of them.

    Raises:
        RequestError: as `Source.chain`, or as `explore`.
    """
    source = model.source(prefix, samplers, conditions, max_states)
    figures = {"prefix_prob": math.exp(model.prefix_logprob(prefix))} if prefix else {}
    figures |= _of_chain(source) if source.is_chain else _of_explored(source)
    if source.is_chain or not conditions:
        figures |= _memorised(model, prefix, source)
    return _with_prefix_counted(figures, len(model.tokenizer.encode(prefix)))


def _with_prefix_counted(figures: Figures, tokens: int) -> Figures:
    """Lengths of whole documents; their law comes last, as it is the longest."""
    lengths = figures.pop("lengths")
    for key in ("expected_length", "expected_length_at_least"):
        if figures.get(key) is not None:
            figures[key] += tokens
    figures["lengths"] = {str(tokens + n): mass for n, mass in lengths.items() if mass > 0}
    return figures


def _of_chain(source: Source) -> Figures:
    conditioned = source.chain
    described = describe(conditioned.chain)
    expected = described.expected_length
    figures: Figures = {
        "states": described.states,
        "never_ending": described.never_ending,
        "entropy_bits": described.entropy_bits,
        "expected_length": expected,
        "lengths": described.lengths,
    }
    if source.automaton is not None:
        figures["condition_prob"] = math.exp(conditioned.logprob)
    if source.samplers.links:
        alone = replace(source, samplers=SamplerChain(), automaton=None).chain.chain
        divergence = None if expected is None else kl_divergence(conditioned.chain, alone)
        figures["kl_from_model_nats"] = divergence
        figures["unreachable"] = unreachable_mass(alone, conditioned.chain)
    elif source.automaton is not None:
        # A conditioned document is as many times likelier as the condition is rare.
        figures["kl_from_model_nats"] = -conditioned.logprob
        figures["unreachable"] = -math.expm1(conditioned.logprob)
    return figures


def _of_explored(source: Source) -> Figures:
    explored = source.explored
    figures: Figures = {"prefixes": len(explored.chain) - 1}
    lengths = explored.visits.lengths
    if source.automaton is not None:
        least, most = explored.ending
        figures |= {"condition_prob_at_least": least, "condition_prob_at_most": most}
        lengths = lengths / least if least else lengths
    else:
        figures |= {
            "unexplored": explored.unexplored,
            "entropy_bits_at_least": explored.entropy_at_least / math.log(2),
            "expected_length_at_least": explored.expected_length_at_least,
        }
    return {**figures, "lengths": dict(enumerate(lengths.tolist()))}


def _memorised(model: TextModel, prefix: str, source: Source) -> Figures:
    """The probability that a document is in the corpus, and in which part of it."""
    try:
        corpus = model.corpus
    except RequestError:
        return {}
    train, every = set(corpus.split("train")), set(corpus.documents)

    def mass(documents: set[str]) -> float:
        encode, skipped = model.tokenizer.encode, len(model.tokenizer.encode(prefix))
        following = [encode(text)[skipped:] for text in documents if text.startswith(prefix)]
        return math.fsum(map(math.exp, source.logprobs(following)))

    in_train, held_out = mass(train), mass(every - train)
    return {"in_corpus": in_train + held_out, "in_train": in_train, "in_held_out": held_out}


def compare(
    first: TextModel,
    second: TextModel,
    samplers: SamplerChain,
    conditions: Conditions,
    max_states: int = MAX_STATES,
) -> dict[str, float]:
    """How far a model's documents are from another's, both given the conditions.

    The samplers are the first one's.

    Keys: `kl_nats` from the first to the second, `kl_back_nats` the other way, `perplexity` a token
    of the second on documents of the first. Where one of them is no finite chain, instead of them
    the bounds `kl_nats_at_least` and `kl_back_nats_at_least`.

    Raises:
        RequestError: their symbols differ, or conditions meet a model that is no finite chain, or
            as `analyze`.
    """
    if first.tokenizer.symbols != second.tokenizer.symbols:
        raise RequestError("The two models have different symbols, so nothing can be compared.")
    ours = first.source("", samplers, conditions, max_states)
    theirs = second.source("", None, conditions, max_states)
    if ours.is_chain and theirs.is_chain:
        return {
            "kl_nats": kl_divergence(ours.chain.chain, theirs.chain.chain),
            "kl_back_nats": kl_divergence(theirs.chain.chain, ours.chain.chain),
            "perplexity": perplexity(theirs.chain.chain, ours.chain.chain),
        }
    if conditions != UNCONDITIONED:
        raise RequestError("Only finite chains can be compared under a condition.")
    return {
        "kl_nats_at_least": _divergence_at_least(ours, theirs),
        "kl_back_nats_at_least": _divergence_at_least(theirs, ours),
    }


def _divergence_at_least(ours: Source, theirs: Source) -> float:
    return divergence_at_least(ours.explored, theirs.model, theirs.samplers, list(theirs.prefix))


def posterior(
    model: TextModel,
    samplers: SamplerChain,
    conditions: Conditions,
    max_states: int = MAX_STATES,
) -> list[Position]:
    """Each token's probability at each position, given the conditions.

    As many positions as nearly all documents have, the terminator's own included. Of a model that
    is no finite chain, those of the documents that were looked at.

    Raises:
        RequestError: as `analyze`.
    """
    source = model.source("", samplers, conditions, max_states)
    chain = (source.chain if source.is_chain else _looked_at(source)).chain
    reached = np.cumsum(visits(chain).lengths)
    count = min(int(np.searchsorted(reached, NEARLY_ALL)) + 1, MOST_POSITIONS)
    symbols = model.tokenizer.symbols
    return [
        {symbol: float(share) for symbol, share in zip(symbols, row, strict=True)}
        for row in position_marginals(chain, count)
    ]


def _looked_at(source: Source) -> Conditioned:
    """The chain of the documents that were looked at, given that it is one of them."""
    return condition(source.explored.chain, everything(source.model.vocabulary.size))
