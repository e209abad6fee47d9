"""A search in a model that reads few tokens: documents end within them, or are none."""

from __future__ import annotations

import math

import pytest
from enumeration import LETTERS, begun, enumerate_documents, small_model

from tokgen.exact.automaton import everything
from tokgen.exact.search import stochastic_beam
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.search.bounds import explore
from tokgen.exact.search.rejection import Rejection, all_of_them, grown, proposal_room
from tokgen.exact.search.space import Space
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.positions import room_after

MOST = 3


@pytest.fixture(params=[False, True], ids=["plain", "start id"])
def model(request):
    source = small_model(3, started=request.param)
    # It could look at more than it may read, so that its positions are a limit.
    source.max_positions, source.context_length = MOST + len(source.vocabulary.beginning), None
    alike = small_model(3, started=request.param)
    source.next_logprobs = lambda prefixes: alike.next_logprobs(prefixes)
    return source


def readable(model):
    """The documents that end within the positions, with their probability."""
    return enumerate_documents(model, MOST)


def test_room_is_what_the_beginning_leaves(model):
    before = len(model.vocabulary.beginning)
    found = [room_after(model, before + given) for given in (0, 1, MOST)]
    assert found == [MOST, MOST - 1, 0]
    model.context_length = 2
    assert room_after(model, 1) is None


def test_best_first_gives_every_document_that_can_be_read_and_then_ends(model):
    found = most_probable_by_search(
        model,
        SamplerChain(),
        begun(model),
        everything(model.vocabulary.size),
        max_prefixes=10_000,
    )
    probabilities = {each.tokens: math.exp(each.logprob) for each in found}
    assert probabilities == pytest.approx(readable(model))
    assert [*probabilities.values()] == sorted(probabilities.values(), reverse=True)


def test_draws_without_replacement_give_each_of_them_once(model):
    space = Space(
        lambda: Growth.begin(model, SamplerChain(), begun(model)),
        everything(model.vocabulary.size),
        model.vocabulary.terminator_id,
        10_000,
        room=room_after(model, len(begun(model).ids)),
    )
    drawn = [each.tokens for each in stochastic_beam.without_replacement(space, 1, 1000)]
    assert sorted(drawn) == sorted(readable(model))
    assert len(drawn) == sum(LETTERS**length for length in range(MOST + 1))


def test_bounds_know_nothing_of_what_is_longer(model):
    allowed = everything(model.vocabulary.size)
    explored = explore(model, SamplerChain(), begun(model), allowed, width=1000)
    assert explored.ending[0] == pytest.approx(sum(readable(model).values()))
    assert explored.unexplored == pytest.approx(1 - sum(readable(model).values()))
    assert len(explored.levels) == MOST


def test_proposals_are_dropped_where_the_model_reads_no_further(model):
    beginning = begun(model, (0,))
    room = proposal_room(model, beginning)
    proposals = grown(model, SamplerChain(), beginning, room, seed=1)
    rejection = Rejection(all_of_them, room)
    drawn = rejection.keep(proposals)
    longest = max(len(next(drawn).tokens) for _ in range(500))
    assert longest == MOST - 1
    assert 0 < rejection.unfinished <= rejection.proposed - rejection.accepted
