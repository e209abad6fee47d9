"""Exploring a model that is no chain: bounds that hold, and exact figures where all is seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from enumeration import (
    CONDITIONS,
    automaton_of,
    begun,
    over_letters,
    sizes_of,
    vocabulary_of,
    with_and_without_start,
)
from enumeration import small_model as model
from models import CountingModel, TableModel

from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import literal
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.statistics import describe, kl_divergence, visits
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.search.bounds import NEGLIGIBLE, divergence_at_least, explore
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api import PluginOptions, Sampler
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.documents_in_order import most_probable
from tokgen.text_model.drawn_documents import draw, draw_without_replacement

NO_SAMPLERS = SamplerChain()


def freely(source, width, samplers=NO_SAMPLERS):
    return explore(source, samplers, begun(source), everything(source.vocabulary.size), width)


def counting(*, started):
    return CountingModel(vocabulary=vocabulary_of(started=started))


@with_and_without_start
def test_where_everything_is_seen_the_length_law_is_exact(started):
    """Of a counting model the length law has a closed form: products of its own odds."""
    explored = freely(counting(started=started), 100_000)
    alive = 1.0
    for length in range(6):
        ending = 1 - 0.9 / (length + 1)
        assert explored.visits.lengths[length] == pytest.approx(alive * ending)
        alive *= 1 - ending
    assert explored.unexplored < NEGLIGIBLE


@with_and_without_start
@pytest.mark.parametrize("width", [1, 3, 20])
@pytest.mark.parametrize("chain", ["", "temperature:t=0.7", "top_k:k=2"])
def test_figures_are_bounds(width, chain, started):
    source, samplers = model(3, started=started), parse_chain(chain.split())
    compiled = compile_chain(source, samplers)
    exact, described = visits(compiled).lengths, describe(compiled, sizes_of(source))
    explored = freely(source, width, samplers)
    known = explored.visits.lengths
    assert known.sum() + explored.unexplored == pytest.approx(1)
    longest = min(len(known), len(exact))
    assert (known[:longest] <= exact[:longest] + 1e-12).all()
    assert (exact[:longest] <= known[:longest] + explored.unexplored + 1e-12).all()
    assert explored.entropy_at_least <= described.entropy_bits * math.log(2) + 1e-9
    assert explored.expected_length_at_least <= described.expected_length + 1e-9


@with_and_without_start
def test_where_nearly_everything_is_seen_the_bounds_are_the_figures(started):
    source = model(3, started=started)
    described = describe(compile_chain(source), sizes_of(source))
    explored = freely(source, 5000)
    assert explored.entropy_at_least / math.log(2) == pytest.approx(
        described.entropy_bits, abs=1e-3
    )
    assert explored.expected_length_at_least == pytest.approx(described.expected_length, abs=1e-3)


@with_and_without_start
@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("width", [2, 9, 300])
def test_the_probability_of_a_condition_is_enclosed(name, width, started):
    source, automaton = model(1, started=started), automaton_of(name, started=started)
    probability = math.exp(condition_on(compile_chain(source), automaton).logprob)
    explored = explore(source, NO_SAMPLERS, begun(source), automaton, width)
    least, most = explored.ending
    assert least <= probability * (1 + 1e-12)
    assert probability <= most * (1 + 1e-12)
    if width == 300:
        assert most - least < 0.01


@with_and_without_start
def test_what_begins_with_a_prefix_is_given_the_prefix(started):
    source, automaton = model(2, started=started), automaton_of("suffix", started=started)
    prefix = begun(source, (0, 1))
    chain = compile_chain(source, None, prefix)
    expected = math.exp(condition_on(chain, automaton.after(b"ab")).logprob)
    least, most = explore(source, NO_SAMPLERS, prefix, automaton.after(b"ab"), 300).ending
    assert least <= expected <= most
    assert least == pytest.approx(expected, abs=1e-3)


@with_and_without_start
@pytest.mark.parametrize("width", [1, 4, 40, 2000])
def test_divergence_is_bounded_from_below(width, started):
    first, second = model(1, 2, started=started), model(2, 1, started=started)
    exact = kl_divergence(compile_chain(first), compile_chain(second))
    bound = divergence_at_least(freely(first, width), second, NO_SAMPLERS, begun(second))
    assert 0 <= bound <= exact + 1e-12
    if width == 2000:
        assert bound == pytest.approx(exact, abs=1e-3)


def test_divergence_is_infinite_where_the_other_cannot_follow():
    source = model(1)
    greedy = parse_chain(["greedy"])
    assert divergence_at_least(freely(source, 9), source, greedy, begun(source)) == math.inf


class NoRepeat(Sampler):
    """A token that was drawn is not drawn again."""

    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row in range(len(logprobs)):
            changed[row, context.ids[row]] = -np.inf
        return changed


NO_REPEAT = SamplerChain((ChainedSampler("no_repeat", NoRepeat(PluginOptions())),))
# Of the counting model: it ends with 0.1, then 0.55, and after both letters it must end.
WITHOUT_REPEATS = {
    (): 0.1,
    (0,): 0.45 * 0.55 / 0.775,
    (1,): 0.45 * 0.55 / 0.775,
    (0, 1): 0.45 * 0.225 / 0.775,
    (1, 0): 0.45 * 0.225 / 0.775,
}


@with_and_without_start
def test_what_samplers_with_a_memory_leave_is_explored(started):
    explored = freely(counting(started=started), 10, NO_REPEAT)
    by_length = [0.0, 0.0, 0.0]
    for tokens, probability in WITHOUT_REPEATS.items():
        by_length[len(tokens)] += probability
    assert explored.visits.lengths[:3] == pytest.approx(by_length)
    assert explored.unexplored == pytest.approx(0)


@with_and_without_start
@pytest.mark.parametrize("bounded", [False, True], ids=["unbounded", "bounded"])
def test_under_samplers_with_a_memory_documents_are_searched_for(bounded, started):
    source = model(0, started=started) if bounded else counting(started=started)
    documents = DocumentSet(source, NO_REPEAT, begun(source))
    ranked = list(most_probable(documents))
    assert {each.tokens for each in ranked} == set(WITHOUT_REPEATS)
    logprobs = [each.logprob for each in ranked]
    assert logprobs == sorted(logprobs, reverse=True)
    assert sum(map(math.exp, logprobs)) == pytest.approx(1)
    assert documents.logprobs([each.tokens for each in ranked]) == pytest.approx(logprobs)
    different = draw_without_replacement(documents, 1, 9)
    assert {each.tokens for each in different} == set(WITHOUT_REPEATS)
    assert all(each.tokens in WITHOUT_REPEATS for each in draw(documents, 1, 20))


@with_and_without_start
def test_the_probabilities_under_a_sampler_with_a_memory_are_its_own(started):
    source = counting(started=started)
    for each in most_probable(DocumentSet(source, NO_REPEAT, begun(source))):
        assert math.exp(each.logprob) == pytest.approx(WITHOUT_REPEATS[each.tokens])


def test_what_is_all_but_impossible_is_not_taken_for_impossible():
    source = TableModel.of_weights(np.tile([1.0, 1e-20, 1.0], (3, 1)), 1, vocabulary_of())
    begins_with_b = over_letters(of_pattern([*literal("b"), None]))
    least, most = explore(source, NO_SAMPLERS, begun(source), begins_with_b, 9).ending
    assert least == 0
    assert most == pytest.approx(5e-21)
    documents = DocumentSet(source, NO_REPEAT, begun(source), begins_with_b)
    assert documents.explored.ending == (least, most)


def test_the_largest_come_first():
    source = model(0, 1)
    assert freely(source, 64).unexplored < freely(source, 1).unexplored
    assert np.isfinite(freely(source, 1).unexplored)
