"""The rows while a prefix is being spelt, against the enumeration of all spellings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from chain_states import state_after
from models import TableModel, symbols, symbols_begun

from tokgen.errors import RequestError
from tokgen.exact.markov.compilation import compile_chain
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api.prefixes import Prefixes

LETTERS = (b"e", b"h", b"s", b"sh", b"esh")
VOCABULARIES = {"plain": symbols(len(LETTERS) + 1), "start id": symbols_begun(len(LETTERS) + 1)}


def table(seed=0, context=2, vocabulary=VOCABULARIES["plain"]):
    weights = np.exp(TableModel.random(vocabulary.size, context, seed).table)
    return TableModel.of_weights(weights, context, vocabulary)


@pytest.fixture(params=VOCABULARIES)
def vocabulary(request):
    return VOCABULARIES[request.param]


def begun(model, ids, rest):
    """What begins with these ids and the rest, behind the start id where there is one."""
    pieces = (*LETTERS, *(b"" for _ in range(len(LETTERS), model.vocabulary.size)))
    return Beginning((*model.vocabulary.beginning, *ids), rest, pieces)


def spellings(model, ids, rest):
    """For each first token, the probability of it and of a text that begins with the rest."""
    sums, end = np.zeros(model.vocabulary.size), model.vocabulary.terminator_id
    for tokens in itertools.product([*range(len(LETTERS)), end], repeat=len(rest)):
        whole = tokens[: tokens.index(end) + 1] if end in tokens else tokens
        if whole != tokens and tokens[len(whole) :] != (0,) * (len(tokens) - len(whole)):
            continue  # what stands after the terminator is nothing: it counts once
        if not b"".join(LETTERS[token] for token in whole if token != end).startswith(rest):
            continue
        probability = 1.0
        for place, token in enumerate(whole):
            before = Prefixes.of([[*ids, *whole[:place]]]).last(2)
            row = model.next_logprobs(before)[0]
            probability *= np.exp(row[token])
        sums[tokens[0]] += probability
    return sums


@pytest.mark.parametrize("rest", [b"s", b"sh", b"es", b"esh", b"shes"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ids", [(), (0, 2)])
def test_rows_are_the_models_conditional(rest, seed, ids, vocabulary):
    model = table(seed, vocabulary=vocabulary)
    beginning = begun(model, ids, rest)
    growth = Growth.begin(model, SamplerChain(), beginning)
    joint = spellings(model, beginning.ids, rest)
    np.testing.assert_allclose(np.exp(growth.rows.logprobs[0]), joint / joint.sum(), atol=1e-12)
    alone = model.next_logprobs(beginning.prefixes(vocabulary).last(2))[0]
    assert growth.rows.model[0] == pytest.approx(alone)


def test_after_the_rest_the_rows_are_the_models_own(vocabulary):
    model = table(1, vocabulary=vocabulary)
    beginning = begun(model, (), b"sh")
    growth = Growth.begin(model, SamplerChain(), beginning)
    for tokens in ([2, 1], [3]):
        growth_there = Growth.at(model, SamplerChain(), beginning, tokens)
        assert growth_there.rows.logprobs is growth_there.rows.model
        expected = model.next_logprobs(beginning.prefixes(vocabulary, [tokens]).last(2))
        np.testing.assert_array_equal(growth_there.rows.logprobs, expected)
    assert growth.rows.logprobs[0, vocabulary.terminator_id] == -np.inf


def test_samplers_see_the_conditional_so_that_none_makes_a_prefix_impossible(vocabulary):
    model = table(2, vocabulary=vocabulary)
    chain = parse_chain(["top_k:k=1"])
    grown = generate(model, chain, begun(model, (), b"esh"), 1, np.arange(20), 30)
    for tokens in grown.tokens:
        assert b"".join(LETTERS[token] for token in tokens).startswith(b"esh")


def test_every_drawn_text_begins_with_the_prefix_and_all_spellings_occur(vocabulary):
    model = table(3, vocabulary=vocabulary)
    beginning = begun(model, (), b"esh")
    grown = generate(model, SamplerChain(), beginning, 1, np.arange(3000), 40)
    firsts = {tuple(tokens[:1]) for tokens in grown.tokens}
    assert firsts == {(0,), (4,)}
    texts = [b"".join(LETTERS[token] for token in tokens) for tokens in grown.tokens]
    assert all(text.startswith(b"esh") for text in texts)


@pytest.mark.parametrize("samplers", [[], ["top_k:k=2", "temperature:t=0.7"]])
def test_the_markov_chain_goes_the_same_way(samplers, vocabulary):
    model, chain = table(4, vocabulary=vocabulary), parse_chain(samplers)
    beginning = begun(model, (1,), b"sh")
    compiled = compile_chain(model, chain, beginning)
    for drawn in ([], [2], [3], [2, 1], [3, 0], [2, 1, 4], [2, 3, 3]):
        state = state_after(compiled, drawn)
        if state is None:
            continue
        expected = Growth.at(model, chain, beginning, drawn).rows.final_logprobs[0]
        np.testing.assert_allclose(compiled.logprobs[state], expected, atol=1e-12)


def test_how_many_prefixes_of_spellings_there_are_is_known_beforehand(vocabulary):
    model = table(vocabulary=vocabulary)
    pieces = begun(model, (), b"").pieces
    spelling = PrefixSpelling(model, b"esh", pieces)
    # "", "e", "es", "e"+"s": the token esh and e+sh end at once.
    assert spelling.prefixes_looked_at == 3
    assert PrefixSpelling(model, b"s" * 40, pieces).prefixes_looked_at == 40


def test_what_no_token_spells_is_refused(vocabulary):
    model = table(vocabulary=vocabulary)
    growth = Growth.begin(model, SamplerChain(), begun(model, (), b"sx"))
    with pytest.raises(RequestError, match="goes on with 'sx'"):
        _ = growth.rows


def test_a_rest_of_thousands_of_bytes_is_followed():
    """Each token spells one byte, so that there is one spelling, and its probability a product."""
    model, tokens = TableModel.random(3, 1, seed=0), [0, 1] * 2000
    spelling = PrefixSpelling(model, b"ab" * 2000, [b"a", b"b", b""])
    before = Prefixes.of([[], *([token] for token in tokens[:-1])])
    expected = model.next_logprobs(before)[np.arange(len(tokens)), tokens].sum()
    assert spelling.logprobs(Prefixes.of([[]]), np.array([0]))[0] == pytest.approx(expected)
