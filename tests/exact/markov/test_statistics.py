"""Exact inference against brute-force enumeration of small random models."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from chain_states import state_after
from enumeration import (
    CONDITIONS,
    LETTERS,
    LONGEST,
    SIZES,
    allows,
    automaton_of,
    begun,
    chi_square,
    enumerate_documents,
    over_letters,
    sizes_of,
    spelt,
    with_and_without_start,
)
from enumeration import small_model as model
from hypothesis import given, settings
from hypothesis import strategies as st
from models import CountingModel

from tokgen.errors import RequestError
from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import ANY_CHARACTER, literal, none_of
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on, position_marginals
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import (
    describe,
    document_logprob,
    kl_divergence,
    perplexity,
    unreachable_mass,
    visits,
)
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.search.best_first import most_probable_by_search
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api.prefixes import Prefixes

seeds = st.integers(0, 50)


@with_and_without_start
@pytest.mark.parametrize("context", [1, 2, 3])
def test_chain_gives_the_models_probabilities(context, started):
    source = model(3, context, started=started)
    chain = compile_chain(source)
    assert len(chain) == sum(LETTERS**n for n in range(context + 1))
    for tokens, probability in enumerate_documents(source).items():
        assert math.exp(document_logprob(chain, tokens)) == pytest.approx(probability)


@with_and_without_start
def test_chain_under_samplers_is_their_distribution(started):
    source, samplers = model(4, started=started), parse_chain(["top_k:k=2", "temperature:t=0.7"])
    chain = compile_chain(source, samplers)
    for tokens in [(), (0,), (0, 1), (1, 1, 0)]:
        state = state_after(chain, list(tokens))
        ids = (*source.vocabulary.beginning, *tokens)
        rows = source.next_logprobs(Prefixes.of([ids]).last(2))
        if state is not None:
            np.testing.assert_allclose(
                chain.logprobs[state], samplers.final_logprobs(rows, source.vocabulary)[0]
            )


@with_and_without_start
@settings(deadline=None)
@given(seeds)
def test_length_law_entropy_and_expected_length(started, seed):
    source = model(seed, started=started)
    documents = enumerate_documents(source)
    described = describe(compile_chain(source), sizes_of(source))
    for length in range(LONGEST + 1):
        mass = sum(p for tokens, p in documents.items() if len(tokens) == length)
        assert described.lengths[length] == pytest.approx(mass)
    left = 1 - sum(documents.values())
    entropy = -sum(p * math.log2(p) for p in documents.values())
    expected = sum(p * len(tokens) for tokens, p in documents.items())
    assert described.entropy_bits == pytest.approx(entropy, abs=40 * left + 1e-9)
    assert described.expected_length == pytest.approx(expected, abs=40 * left + 1e-9)
    assert described.never_ending == 0


@with_and_without_start
@settings(deadline=None)
@given(seeds, seeds)
def test_divergence_and_perplexity(started, first, second):
    ours, theirs = model(first, 2, started=started), model(second, 1, started=started)
    p, q = enumerate_documents(ours), enumerate_documents(theirs)
    left = 1 - sum(p.values())
    expected = sum(p[tokens] * math.log(p[tokens] / q[tokens]) for tokens in p)
    chains = compile_chain(ours), compile_chain(theirs)
    # At most so many nats lie in the documents that were not enumerated: each of their tokens has
    # at most the widest log-probability, and after each the end has at least its least probability.
    widest = max(-table[np.isfinite(table)].min() for table in (ours.table, theirs.table))
    least_end = math.exp(ours.table[:, ours.vocabulary.terminator_id].min())
    missing = left * (LONGEST + 2 + 1 / least_end) * widest + 1e-9
    assert kl_divergence(*chains) == pytest.approx(expected, abs=missing)
    cross = -sum(p[tokens] * math.log(q[tokens]) for tokens in p)
    tokens = sum(p[each] * (len(each) + 1) for each in p)
    loss = math.log(perplexity(chains[1], chains[0]))
    # Of the mean over tokens, which are too few here, too.
    assert loss == pytest.approx(cross / tokens, abs=2 * missing)


def test_divergence_from_a_truncated_model_is_infinite():
    source = model(1)
    whole, cut = compile_chain(source), compile_chain(source, parse_chain(["top_k:k=1"]))
    assert kl_divergence(whole, cut) == math.inf


@with_and_without_start
@settings(deadline=None)
@given(seeds)
def test_unreachable_mass(started, seed):
    source = model(seed, started=started)
    samplers = parse_chain(["min_p:p=0.6"])
    whole, cut = compile_chain(source), compile_chain(source, samplers)
    documents = enumerate_documents(source)
    left = [t for t in documents if document_logprob(cut, t) > -math.inf]
    kept = math.fsum(math.exp(document_logprob(whole, t)) for t in left)
    left = 1 - sum(documents.values())
    assert unreachable_mass(whole, cut) == pytest.approx(1 - kept, abs=left + 1e-9)


@with_and_without_start
@settings(deadline=None)
@given(seeds)
def test_top_is_the_sorted_enumeration(started, seed):
    source = model(seed, started=started)
    documents = enumerate_documents(source)
    expected = sorted((p for p in documents.values()), reverse=True)[:30]
    found = list(itertools.islice(top(compile_chain(source)), 30))
    np.testing.assert_allclose([math.exp(d.logprob) for d in found], expected)
    assert all(documents[d.tokens] == pytest.approx(math.exp(d.logprob)) for d in found)
    searched = itertools.islice(searched_freely(source), 30)
    np.testing.assert_allclose([d.logprob for d in searched], [d.logprob for d in found])


def searched_freely(source):
    """All documents in order, by search."""
    allowed = everything(source.vocabulary.size)
    return most_probable_by_search(source, SamplerChain(), begun(source), allowed, 1000)


def test_top_of_an_unbounded_model():
    first = next(searched_freely(CountingModel(3)))
    rows = np.exp(CountingModel(3).next_logprobs(Prefixes.of([[], [0]])))
    assert first.logprob == pytest.approx(max(math.log(rows[0, 2]), math.log(0.45 * rows[1, 2])))


@with_and_without_start
@pytest.mark.parametrize("name", CONDITIONS)
def test_automata_allow_what_they_should(name, started):
    automaton, fulfils = automaton_of(name, started=started), CONDITIONS[name][1]
    for length in range(8):
        for tokens in itertools.product(range(LETTERS), repeat=length):
            assert allows(automaton, tokens) == fulfils(tokens)
            for cut in range(length):
                rest = automaton.after(spelt(tokens[:cut]).encode())
                assert allows(rest, tokens[cut:]) == fulfils(tokens)


@with_and_without_start
@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_conditioning_is_the_renormalised_enumeration(name, seed, started):
    automaton, fulfils = automaton_of(name, started=started), CONDITIONS[name][1]
    source = model(seed, started=started)
    documents = enumerate_documents(source)
    allowed = {tokens: p for tokens, p in documents.items() if fulfils(tokens)}
    conditioned = condition_on(compile_chain(source), automaton)
    total, left = sum(allowed.values()), 1 - sum(documents.values())
    assert math.exp(conditioned.logprob) == pytest.approx(total, abs=left + 1e-12)
    event = math.exp(conditioned.logprob)
    for tokens, probability in documents.items():
        expected = probability / event if fulfils(tokens) else 0.0
        drawn = math.exp(document_logprob(conditioned.chain, tokens))
        assert drawn == pytest.approx(expected, abs=1e-12)


@with_and_without_start
def test_posterior_of_each_position(started):
    source = model(5, started=started)
    elements = [ANY_CHARACTER, *literal("b"), ANY_CHARACTER, *literal("a")]
    automaton = over_letters(of_pattern(elements), started=started)
    documents = enumerate_documents(source)
    allowed = {t: p for t, p in documents.items() if allows(automaton, t)}
    marginals = position_marginals(condition_on(compile_chain(source), automaton).chain, 5)
    for position in range(4):
        for token in range(LETTERS):
            mass = sum(p for t, p in allowed.items() if t[position] == token)
            assert marginals[position, token] == pytest.approx(mass / sum(allowed.values()))
    ended = np.eye(source.vocabulary.size)[source.vocabulary.terminator_id]
    assert marginals[4] == pytest.approx(ended)


def test_an_impossible_condition_says_so():
    chain = compile_chain(model(1), parse_chain(["greedy"]))
    (only,) = list(top(chain)) or [None]
    if only is None:
        pytest.skip("the greedy document of this model never ends")
    with pytest.raises(RequestError, match="No document"):
        condition_on(chain, over_letters(none_of([spelt(only.tokens)])))


def test_a_chain_that_never_ends_has_no_expectation():
    endless = MarkovChain(
        np.log(np.array([[0.5, 0.5], [1.0, 1e-300]])), np.array([[1, -1], [1, -1]], np.int32), 1
    )
    endless.logprobs[1, 1] = -np.inf
    described = describe(endless, SIZES[1:])
    assert described.never_ending == pytest.approx(0.5)
    assert described.entropy_bits is None
    assert described.expected_length is None
    with pytest.raises(RequestError, match="may never end"):
        kl_divergence(endless, endless)


def test_budget_and_unbounded_models_are_refused():
    with pytest.raises(RequestError, match="more than 5 states"):
        compile_chain(model(0, 3), max_states=5)
    with pytest.raises(RequestError, match="no finite Markov chain"):
        compile_chain(CountingModel())


@with_and_without_start
def test_sampling_with_and_without_conditions_follows_the_chain(started):
    """Chi-square over 50,000 draws, fixed seed; 19 classes, below the 0.999 quantile 42.3."""
    source = model(7, started=started)
    automaton = automaton_of("suffix", started=started)
    for chain in (compile_chain(source), condition_on(compile_chain(source), automaton).chain):
        drawn = Counter(d.tokens for d in with_replacement(chain, 1, np.arange(50_000)))
        likely = list(itertools.islice(top(chain), 19))
        expected = {d.tokens: 50_000 * math.exp(d.logprob) for d in likely}
        assert chi_square(drawn, expected) < 42.3


def long_chain(ending):
    """A coin of two letters that ends with this probability after each."""
    row = [(1 - ending) / 2, (1 - ending) / 2, ending]
    return MarkovChain(np.log([row]), np.array([[0, 0, -1]], np.int32), 2)


def test_documents_longer_than_all_lengths_listed_still_end():
    described = describe(long_chain(1e-4), SIZES)
    assert described.never_ending == 0
    assert described.expected_length == pytest.approx(9999, rel=1e-9)
    entropy = (0.9999 * math.log2(2 / 0.9999) - 1e-4 * math.log2(1e-4)) * 10_000
    assert described.entropy_bits == pytest.approx(entropy, rel=1e-9)
    assert described.longer == pytest.approx(0.9999**20_000, rel=1e-9)
    assert sum(described.lengths.values()) + described.longer == pytest.approx(1)
    double = long_chain(2e-4)
    gain = 0.9999 * math.log(0.9999 / 0.9998) + 1e-4 * math.log(0.5)
    assert kl_divergence(long_chain(1e-4), double) == pytest.approx(10_000 * gain, rel=1e-6)


def test_figures_that_double_precision_cannot_tell_are_none():
    described = describe(long_chain(1e-30), SIZES)
    assert described.never_ending == 0
    assert described.entropy_bits is described.expected_length is None
    assert described.longer == pytest.approx(1)


@with_and_without_start
def test_visits_sum_to_the_expected_number_of_tokens(started):
    source = model(4, started=started)
    chain = compile_chain(source)
    visited = visits(chain)
    described = describe(chain, sizes_of(source))
    assert visited.states.sum() == pytest.approx(described.expected_length + 1)


def test_two_chains_together_have_a_budget():
    first, second = compile_chain(model(1, 3)), compile_chain(model(2, 3))
    with pytest.raises(TooManyStates, match="more than 5 states"):
        kl_divergence(first, second, max_states=5)
    with pytest.raises(TooManyStates, match="more than 5 states"):
        unreachable_mass(first, second, max_states=5)
