"""Sampling by search: the law of what is drawn, whatever the width of the beam."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from enumeration import (
    CONDITIONS,
    SIZE,
    automaton_of,
    begun,
    chi_square,
    enumerate_documents,
    letters_of,
    over_letters,
    spelt,
    vocabulary_of,
    with_and_without_start,
)
from enumeration import small_model as model
from models import CountingModel, TableModel

from tokgen import rng
from tokgen.errors import RequestError
from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import literal, none_of, of_length
from tokgen.exact.longest import TooLongError
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.markov_chain import MarkovFrontier
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.search import beam_pass, gumbel, stochastic_beam
from tokgen.exact.search.space import Space
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.text_automaton import all_of
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.drawn_documents import draw_without_replacement

END = SIZE - 1
GOLDEN_KEYS = [2678556987769116024, 14335131623885515122]
GOLDEN_KEYS_AFTER = [14780001529507966011, 12099059717746618061]
GOLDEN_SUMS = [-0.6344935052686707, 0.6573005537098332]
GOLDEN_DOCUMENTS = [(), (), (), (1, 1), ()]


def space(source, automaton=None, samplers=None, max_prefixes=100_000):
    return Space(
        lambda: Growth.begin(source, samplers or SamplerChain(), begun(source)),
        automaton or everything(source.vocabulary.size),
        source.vocabulary.terminator_id,
        max_prefixes,
    )


@with_and_without_start
@pytest.mark.parametrize("name", ["suffix", "pattern", "all"])
def test_one_document_for_each_sequence_follows_the_conditioned_law(name, started):
    """Chi-square over 20,000 draws with a fixed seed; below the 0.999 quantile at 8 degrees, 26.1.

    The law is that of brute-force enumeration; the rest is one class more.
    """
    automaton, fulfils = automaton_of(name, started=started), CONDITIONS[name][1]
    source, draws = model(7, started=started), 20_000
    allowed = {t: p for t, p in enumerate_documents(source).items() if fulfils(t)}
    total = math.exp(condition_on(compile_chain(source), automaton).logprob)
    likely = sorted(allowed, key=allowed.get, reverse=True)[:8]
    found = stochastic_beam.one_each(space(source, automaton), 1, np.arange(draws))
    drawn = Counter(d.tokens if d.tokens in likely else None for d in found)
    assert all(fulfils(d.tokens) for d in found)
    expected = {tokens: draws * allowed[tokens] / total for tokens in likely}
    expected[None] = draws - sum(expected.values())
    assert chi_square(drawn, expected) < 26.1


@with_and_without_start
def test_without_replacement_is_the_law_of_successive_draws(started):
    """Ordered pairs of 20,000 runs; p(a) p(b) / (1 - p(a)); 12 classes, 0.999 quantile 32.9."""
    source, runs = model(2, 1, started=started), 20_000
    probability = enumerate_documents(source)
    pairs = Counter(
        tuple(d.tokens for d in documents)
        for documents in stochastic_beam._documents(space(source), 0, np.arange(runs), 2)
    )
    likely = sorted(probability, key=probability.get, reverse=True)[:4]
    expected = {
        (a, b): runs * probability[a] * probability[b] / (1 - probability[a])
        for a, b in itertools.permutations(likely, 2)
    }
    assert chi_square(pairs, expected) < 32.9


@with_and_without_start
@pytest.mark.parametrize("name", ["suffix", "contains", "all"])
@pytest.mark.parametrize("bounded", [True, False], ids=["table", "counting"])
def test_the_width_of_the_beam_changes_no_document(name, bounded, started, monkeypatch):
    counting = CountingModel(vocabulary=vocabulary_of(started=started))
    source = model(3, started=started) if bounded else counting
    searched = space(source, automaton_of(name, started=started))
    wide = stochastic_beam.one_each(searched, 5, np.arange(200))
    wide_many = list(stochastic_beam.without_replacement(searched, 5, 40))
    monkeypatch.setattr(stochastic_beam, "NARROWEST", 1)
    monkeypatch.setattr(stochastic_beam, "WIDENING", 2)
    monkeypatch.setattr(stochastic_beam, "BEAM_AT_MOST", 7)
    monkeypatch.setattr(beam_pass, "OPENED_AT_ONCE", 5)
    assert stochastic_beam.one_each(searched, 5, np.arange(200)) == wide
    assert stochastic_beam.one_each(searched, 5, np.arange(100, 110)) == wide[100:110]
    assert list(stochastic_beam.without_replacement(searched, 5, 40)) == wide_many
    assert list(stochastic_beam.without_replacement(searched, 5, 3)) == wide_many[:3]
    monkeypatch.setattr(stochastic_beam, "MANY", 3)
    assert list(stochastic_beam.without_replacement(searched, 5, 40)) == wide_many


@with_and_without_start
def test_log_probabilities_are_those_under_the_samplers(started):
    source, samplers = model(4, started=started), parse_chain(["temperature:t=0.6"])
    chain = compile_chain(source, samplers)
    for document in stochastic_beam.without_replacement(space(source, samplers=samplers), 2, 20):
        state, total = 0, 0.0
        for token in document.tokens:
            total += chain.logprobs[state, token]
            state = chain.successors[state, token]
        assert document.logprob == pytest.approx(total + chain.logprobs[state, chain.terminator_id])


@with_and_without_start
def test_a_chain_is_searched_like_its_model(started):
    source = model(6, started=started)
    chain = compile_chain(source)
    searched = space(source)
    by_chain_space = replace(searched, begin=lambda: MarkovFrontier.begin(chain))
    by_model, by_chain = (
        stochastic_beam.without_replacement(each, 3, 30) for each in (searched, by_chain_space)
    )
    assert [d.tokens for d in by_model] == [d.tokens for d in by_chain]


@with_and_without_start
def test_every_document_comes_once_and_then_no_more(started):
    source = model(3, started=started)
    searched = space(source, over_letters(of_length(0, 4), started=started))
    found = [d.tokens for d in stochastic_beam.without_replacement(searched, 5, 1000)]
    assert (
        len(found)
        == len(set(found))
        == sum(len(letters_of(source.vocabulary)) ** n for n in range(5))
    )


def test_the_rare_is_found_and_the_impossible_is_told():
    rare = over_letters(all_of([of_length(9, 9), of_pattern([*literal("a"), None])]))
    (found,) = stochastic_beam.one_each(space(CountingModel(SIZE), rare), 1, np.arange(1))
    assert len(found.tokens) == 9
    greedy = parse_chain(["greedy"])
    (only,) = stochastic_beam.without_replacement(space(CountingModel(SIZE), samplers=greedy), 1, 5)
    other = over_letters(none_of([spelt(only.tokens)]))
    with pytest.raises(RequestError, match="No document"):
        stochastic_beam.one_each(space(CountingModel(SIZE), other, greedy), 1, np.arange(3))


def test_what_goes_on_for_too_long_is_refused_and_not_passed_over():
    source = model(0)
    source.table[:, END] = -np.inf
    searched = replace(space(source, over_letters(none_of([""]))), longest=30)
    with pytest.raises(TooLongError, match="has not ended after 30 tokens"):
        stochastic_beam.one_each(searched, 1, np.arange(2))
    with pytest.raises(TooLongError):
        list(stochastic_beam.without_replacement(searched, 1, 3))


def test_a_search_has_a_budget():
    rare = over_letters(of_pattern(literal("a" * 12)))
    with pytest.raises(TooManyStates, match=r"After 6 prefixes, .* the search is given up"):
        stochastic_beam.one_each(space(model(1), rare, max_prefixes=5), 1, np.arange(1))


def test_a_large_vocabulary_ends_a_search_after_fewer_prefixes(monkeypatch):
    monkeypatch.setattr(beam_pass, "CHOICES_AT_MOST", 5 * SIZE)
    monkeypatch.setattr(beam_pass, "CHOICES_OF_EACH", 0)
    rare = over_letters(of_pattern(literal("a" * 12)))
    said = rf"each with {SIZE} tokens .* given up: .* a smaller vocabulary, can be searched further"
    with pytest.raises(TooManyStates, match=said):
        stochastic_beam.one_each(space(model(1), rare), 1, np.arange(1))


def test_the_scheme_is_pinned():
    keys, sums = gumbel.beginnings(42, np.arange(2))
    assert keys.tolist() == GOLDEN_KEYS
    np.testing.assert_allclose(sums, GOLDEN_SUMS)
    after = gumbel.keys_of_children(keys, np.array([0, 2]), SIZE)
    assert after.tolist() == GOLDEN_KEYS_AFTER
    found = stochastic_beam.one_each(space(model(3)), 42, np.arange(5))
    assert [d.tokens for d in found] == GOLDEN_DOCUMENTS


def test_no_word_is_used_twice():
    """The beginning's sum, the noise of the children and their keys are words of their own."""
    keys, _ = gumbel.beginnings(1, np.arange(1))
    used = set(rng.split(keys, 1 + SIZE)[0].tolist())
    below = gumbel.keys_of_children(keys.repeat(SIZE), np.arange(SIZE), SIZE).tolist()
    assert len(used) == 1 + SIZE
    assert len(used | set(below)) == 1 + 2 * SIZE


def test_the_largest_sum_below_a_prefix_is_its_own():
    keys, sums = gumbel.beginnings(4, np.arange(50))
    logprobs = np.log(np.full((50, SIZE), 1 / SIZE))
    logprobs[:, 1] = -np.inf
    below = gumbel.children(sums, logprobs, keys)
    np.testing.assert_array_equal(below.max(axis=1), sums)
    assert (below[:, 1] == -np.inf).all()
    assert np.isfinite(below[:, [0, 2]]).all()


def test_a_chain_that_may_never_end_is_searched_for_what_ends():
    """After b nothing ends; the texts a^n have the probabilities 0.3 * 0.5^n, 0.6 in all."""
    source = TableModel(np.log([[0.5, 0.2, 0.3], [0.5, 0.5, 1e-300], [0.5, 0.2, 0.3]]), 1)
    source.table[1] = [-np.inf, 0.0, -np.inf]
    documents = DocumentSet(source)
    found = list(draw_without_replacement(documents, 3, 8))
    assert len({each.tokens for each in found}) == 8
    for each in found:
        assert set(each.tokens) <= {0}
        assert each.logprob == pytest.approx(math.log(0.3 * 0.5 ** len(each.tokens)))


def test_only_what_memory_bounds_is_told_to_be_raised_by_more_of_it():
    with pytest.raises(TooManyStates) as looked_at:
        list(stochastic_beam.without_replacement(space(model(1), max_prefixes=50), 1, 40))
    narrow = replace(space(model(1)), max_at_once=5)
    with pytest.raises(TooManyStates, match="of one length would have to be held") as held:
        list(stochastic_beam.without_replacement(narrow, 1, 40))
    assert (looked_at.value.field, held.value.field) == (None, "memory")
