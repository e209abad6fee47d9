"""Exact figures of a text model: what `tokgen analyze` shows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tokgen.arrays import Floats
from tokgen.errors import RequestError
from tokgen.exact.automaton import everything
from tokgen.exact.markov.conditioned import condition, position_marginals
from tokgen.exact.markov.statistics import (
    describe,
    kl_divergence,
    perplexity,
    unreachable_mass,
    visits,
)
from tokgen.exact.search.bounds import divergence_at_least
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.text_model import TextModel

NEARLY_ALL = 0.99
MOST_POSITIONS = 24

Figures = dict[str, Any]
Position = dict[str, float]


def analyze(model: TextModel, source: DocumentSet) -> Figures:
    """Figures of a model's documents, of those that a source of it makes.

    Keys: `prefix_prob`, the model's probability of beginning with the source's prefix, where it has
    one; all else is given that. `states`; `condition_prob`, the conditions' probability;
    `never_ending`; `entropy_bits` and `expected_length`, None where a document may never end;
    `kl_from_model_nats`, from what is drawn to the model alone; `unreachable`, the model's mass
    that samplers or conditions exclude; `in_corpus`, `in_train`, `in_held_out`: the probability
    that a document is in the corpus and its parts; `lengths`, mass by number of tokens.

    A model that is no finite chain is explored: `prefixes`, how many were looked at; bounds, whose
    keys end in `_at_least` and `_at_most`; `unexplored`, the mass of all other documents.

    Raises:
        RequestError: as `DocumentSet.chain`, or as `DocumentSet.explored`.
    """
    prefix = model.tokenizer.decode(source.prefix)
    figures = {"prefix_prob": math.exp(model.prefix_logprob(prefix))} if prefix else {}
    figures |= _of_chain(source) if source.is_chain else _of_explored(source)
    if source.is_chain or source.automaton is None:
        figures |= _memorised(model, prefix, source)
    return _with_prefix_counted(figures, len(model.tokenizer.encode(prefix)))


def _with_prefix_counted(figures: Figures, tokens: int) -> Figures:
    """Lengths of whole documents; their law comes last, as it is the longest."""
    for key in ("expected_length", "expected_length_at_least"):
        if figures.get(key) is not None:
            figures[key] += tokens
    for key in ("lengths", "lengths_at_least"):
        if key in figures:
            masses = figures.pop(key).items()
            figures[key] = {str(tokens + length): mass for length, mass in masses if mass > 0}
    return figures


def _of_chain(source: DocumentSet) -> Figures:
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
    if source.samplers.samplers:
        alone = replace(source, samplers=SamplerChain(), automaton=None).chain.chain
        divergence = None if expected is None else kl_divergence(conditioned.chain, alone)
        figures["kl_from_model_nats"] = divergence
        figures["unreachable"] = unreachable_mass(alone, conditioned.chain)
    elif source.automaton is not None:
        # A conditioned document is as many times likelier as the condition is rare.
        figures["kl_from_model_nats"] = -conditioned.logprob
        figures["unreachable"] = -math.expm1(conditioned.logprob)
    return figures


def _of_explored(source: DocumentSet) -> Figures:
    explored = source.explored
    figures: Figures = {"prefixes": len(explored.chain) - 1}
    lengths = explored.visits.lengths
    if source.automaton is None:
        figures |= {
            "unexplored": explored.unexplored,
            "entropy_bits_at_least": explored.entropy_at_least / math.log(2),
            "expected_length_at_least": explored.expected_length_at_least,
        }
    else:
        least, most = explored.ending
        figures |= {
            "condition_prob_at_least": least,
            "condition_prob_at_most": most,
            "unexplored_at_most": max(0.0, 1 - least / most),
        }
        lengths = lengths / most
    return {**figures, "lengths_at_least": dict(enumerate(lengths.tolist()))}


def _memorised(model: TextModel, prefix: str, source: DocumentSet) -> Figures:
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


def compare(model: TextModel, source: DocumentSet, other: TextModel) -> dict[str, float]:
    """How far a model's documents are from another's, after the same prefix, given the same.

    The samplers are the first one's alone.

    Keys: `kl_nats` from the first to the second, `kl_back_nats` the other way, `perplexity` a token
    of the second on documents of the first. Where one of them is no finite chain, instead of them
    the bounds `kl_nats_at_least` and `kl_back_nats_at_least`.

    Raises:
        RequestError: their symbols differ, or conditions meet a model that is no finite chain, or
            as `analyze`.
    """
    if model.tokenizer.symbols != other.tokenizer.symbols:
        raise RequestError("The two models have different symbols, so nothing can be compared.")
    theirs = replace(source, model=other.model, samplers=SamplerChain())
    if source.is_chain and theirs.is_chain:
        return {
            "kl_nats": kl_divergence(source.chain.chain, theirs.chain.chain),
            "kl_back_nats": kl_divergence(theirs.chain.chain, source.chain.chain),
            "perplexity": perplexity(theirs.chain.chain, source.chain.chain),
        }
    if source.automaton is not None:
        raise RequestError("Only finite chains can be compared under a condition.")
    return {
        "kl_nats_at_least": _divergence_at_least(source, theirs),
        "kl_back_nats_at_least": _divergence_at_least(theirs, source),
    }


def _divergence_at_least(ours: DocumentSet, theirs: DocumentSet) -> float:
    return divergence_at_least(ours.explored, theirs.model, theirs.samplers, list(ours.prefix))


def posterior(model: TextModel, source: DocumentSet) -> list[Position]:
    """Each token's probability at each position after the prefix, given the conditions.

    As many positions as nearly all documents have, the terminator's own included. Of a model that
    is no finite chain each is a bound, this much at least.

    Raises:
        RequestError: as `analyze`.
    """
    marginals = _marginals_of_chain(source) if source.is_chain else _marginals_at_least(source)
    symbols = model.tokenizer.symbols
    return [dict(zip(symbols, row, strict=True)) for row in marginals.tolist()]


def _marginals_of_chain(source: DocumentSet) -> Floats:
    chain = source.chain.chain
    return position_marginals(chain, _positions(visits(chain).lengths, 1.0))


def _marginals_at_least(source: DocumentSet) -> Floats:
    explored = source.explored
    least, most = explored.ending
    count = _positions(explored.visits.lengths, least)
    if source.automaton is None:
        return position_marginals(explored.chain, count)
    if least == 0:
        return np.zeros((count, source.model.vocabulary.size))
    # The other documents of the condition can only take from the share of those looked at.
    looked_at = condition(explored.chain, everything(source.model.vocabulary.size))
    return position_marginals(looked_at.chain, count) * (least / most)


def _positions(lengths: Floats, mass: float) -> int:
    """How many positions nearly all documents of this mass have, their terminators' included."""
    enough = int(np.searchsorted(np.cumsum(lengths), NEARLY_ALL * mass))
    return min(enough + 1, MOST_POSITIONS)
