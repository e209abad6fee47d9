"""Documents of a set in the order of their probability, the most probable first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tokgen.exact.markov.best_first import in_order, top
from tokgen.exact.memory import prefixes_that_fit
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search.beam_search import most_probable_by_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.rejection import keep_in_order
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.text_model.document_check import Check
from tokgen.text_model.document_set import DocumentSet


def most_probable(documents: DocumentSet) -> Iterator[ScoredIds]:
    """All documents, the most probable first.

    Raises:
        RequestError: as `DocumentSet.markov`, or `TooManyStates`.
        TokgenError: of so many of the most probable not one is asked for.
    """
    if documents.check is not None:
        return _checked(documents, documents.check)
    if documents.markov is not None:
        return top(documents.markov.chain)
    if documents.counted is not None:
        return in_order(documents.counted, documents.counted.best_completions())
    model = documents.model
    most = prefixes_that_fit(documents.memory, model.vocabulary.size)
    return most_probable_by_search(
        model, documents.samplers, documents.beginning, documents.allowed, most
    )


def _checked(documents: DocumentSet, check: Check) -> Iterator[ScoredIds]:
    found = most_probable(documents.proposals)
    if documents.beginning.rest:
        return keep_in_order(found, check.accepts)
    if documents.samplers.samplers:
        all_that_fit = (lambda: _rescored(documents)) if check.has_a_least else None
        return keep_in_order(found, check.accepts, all_that_fit)
    probable = itertools.takewhile(lambda each: not check.too_improbable(each.tokens), found)
    return keep_in_order(probable, check.accepts)


def _rescored(documents: DocumentSet) -> Iterator[ScoredIds]:
    """All documents, which the model alone finds, in the order that the samplers give them."""
    alone = replace(documents, samplers=SamplerChain())
    tokens = [each.tokens for each in most_probable(alone)]
    logprobs = drawn_logprobs(documents.model, documents.samplers, documents.beginning, tokens)
    condition = documents.proposals.condition_logprob or 0.0
    found = [
        ScoredIds(each, logprob - condition)
        for each, logprob in zip(tokens, logprobs.tolist(), strict=True)
        if logprob > -np.inf
    ]
    return iter(sorted(found, key=lambda each: (-each.logprob, each.tokens)))


def by_beam(documents: DocumentSet, width: int, room: int) -> list[ScoredIds]:
    """At most `width` of the most probable documents of at most `room` tokens, by a beam.

    Raises:
        RequestError: as `DocumentSet.markov`; or `TooManyStates`: so wide a beam does not fit the
            memory.
    """
    if width > documents.max_states:
        raise TooManyStates(
            f"A beam of {width:,} prefixes does not fit the memory; "
            f"{documents.max_states:,} are the most.",
            field="memory",
        )
    growth = Growth.begin(documents.model, documents.samplers, documents.beginning)
    accepts = documents.rejection.accepts_each
    found = most_probable_by_beam(growth, documents.allowed, accepts, width, room)
    if documents.automaton is None:
        return found
    condition = documents.proposals.condition_logprob or 0.0
    return [replace(each, logprob=each.logprob - condition) for each in found]
