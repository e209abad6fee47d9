"""Documents of a set that are drawn: independent of each other, or without replacement.

They come from the Markov chain where there is one, else from a search over the model's prefixes;
where a check is asked for, from rejection of what one of these, or growing, proposes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.automaton import everything
from tokgen.exact.impossible import naming_prefix
from tokgen.exact.longest import LONGEST_DRAWN
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovFrontier
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.rejection import Proposals, batches, grown, keep_different, proposal_room
from tokgen.exact.search.space import Space
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Growth
from tokgen.plugin_api.positions import room_after
from tokgen.text_model.document_set import DocumentSet

# By a beam, which keeps no more of them than their paths: some minutes of a network.
LOOKED_AT_AT_MOST = 2_000_000
# An estimate may be wrong by far where few drawn documents meet a condition in a likely way.
SURELY_TOO_MANY = 1000 * LOOKED_AT_AT_MOST
FEW_EXPLORED = 100


def draw(documents: DocumentSet, seed: int, count: int) -> Iterator[ScoredIds]:
    """`count` documents, independent of each other.

    Raises:
        RequestError: as `DocumentSet.markov`, or as `stochastic_beam.one_each`.
        TokgenError: as `Rejection.keep`.
    """
    if documents.check is None:
        yield from _independent(documents, seed, count)
    else:
        kept = documents.rejection.keep(_proposed(documents.proposals, seed))
        yield from itertools.islice(kept, count)


def draw_without_replacement(documents: DocumentSet, seed: int, count: int) -> Iterator[ScoredIds]:
    """`count` different spellings, fewer where there are no more; raises as `draw`."""

    def unchecked(size: int) -> Iterator[ScoredIds]:
        chain = documents.markov_that_ends
        ends = 0.0 if chain is None else chain.logprob
        check_effort(documents)
        for each in stochastic_beam.without_replacement(_space(documents), seed, size):
            yield replace(each, logprob=each.logprob + ends)

    if documents.check is None:
        return unchecked(count)
    return keep_different(unchecked, documents.check.accepts_each, count)


def check_effort(documents: DocumentSet) -> None:
    """Refuse what a search cannot find.

    Raises:
        RequestError: no document is asked for that the model can make.
        TooManyStates: one document alone needs far more prefixes than may be looked at.
    """
    effort = documents.effort
    if effort is None:
        return
    prefixes = effort.prefixes(1)
    if prefixes > SURELY_TOO_MANY:
        documents.explored_with(FEW_EXPLORED)  # Where nothing is possible at all, it says so.
        raise TooManyStates(
            f"{_much_too_many(effort.mass, prefixes)} A model with a bounded context, "
            "such as an n-gram, gives what is as improbable at once; --beam finds the most "
            "probable of these documents."
        )


def _much_too_many(mass: float, prefixes: float) -> str:
    if not mass:
        return "None of the documents that were tried before the search meets the conditions."
    return (
        f"The conditions have a probability of about {mass:.0e}, and a search for one document "
        f"would look at about {prefixes:.0e} prefixes, where {LOOKED_AT_AT_MOST:,} are the most."
    )


def _independent(documents: DocumentSet, seed: int, count: int) -> Iterator[ScoredIds]:
    check_effort(documents)
    at_once = stochastic_beam.SEQUENCES_AT_ONCE
    for begin in range(0, count, at_once):
        yield from _of(documents, seed, np.arange(begin, min(begin + at_once, count)))


def _proposed(documents: DocumentSet, seed: int) -> Proposals:
    """Documents without end."""
    if documents.automaton is None:
        room = proposal_room(documents.model, documents.beginning)
        yield from grown(documents.model, documents.samplers, documents.beginning, room, seed)
    for sequences in batches():
        yield from _of(documents, seed, sequences)


def _of(documents: DocumentSet, seed: int, sequences: Ints) -> Iterator[ScoredIds]:
    """The documents of these sequences (B,), checked by nothing but the automaton."""
    if documents.markov is not None:
        return with_replacement(documents.markov.chain, seed, sequences)
    if documents.counted is not None:
        return with_replacement(documents.counted, seed, sequences)
    with naming_prefix(documents.prefix):
        return iter(stochastic_beam.one_each(_space(documents), seed, sequences))


def _space(documents: DocumentSet) -> Space:
    """What a stochastic beam searches: a chain's states, or the model's prefixes."""
    model, that_ends = documents.model, documents.markov_that_ends
    end = model.vocabulary.terminator_id
    chain = documents.counted if that_ends is None else that_ends.chain
    if chain is not None:
        return Space(
            lambda: MarkovFrontier.begin(chain),
            everything(model.vocabulary.size),
            end,
            float("inf"),
            longest=LONGEST_DRAWN,
        )
    return Space(
        lambda: Growth.begin(model, documents.samplers, documents.beginning),
        documents.allowed,
        end,
        LOOKED_AT_AT_MOST,
        documents.max_states,
        room_after(model, len(documents.beginning.ids)),
    )
