"""The rows while a prefix is being spelt, against the enumeration of all spellings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from models import TableModel

from tokgen.errors import RequestError
from tokgen.exact.markov.compilation import compile_chain
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.prefix_spelling import PrefixSpelling
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api.prefixes import Prefixes

PIECES = (b"e", b"h", b"s", b"sh", b"esh", b"")
END = len(PIECES) - 1


def table(seed=0, context=2):
    return TableModel.random(len(PIECES), context, seed)


def spellings(model, ids, rest):
    """For each first token, the probability of it and of a text that begins with the rest."""
    sums = np.zeros(len(PIECES))
    for tokens in itertools.product(range(len(PIECES)), repeat=len(rest)):
        whole = tokens[: tokens.index(END) + 1] if END in tokens else tokens
        if whole != tokens and tokens[len(whole) :] != (0,) * (len(tokens) - len(whole)):
            continue  # what stands after the terminator is nothing: it counts once
        if not b"".join(PIECES[token] for token in whole).startswith(rest):
            continue
        probability = 1.0
        for place, token in enumerate(whole):
            row = model.next_logprobs(Prefixes.of([[*ids, *whole[:place]]]).last(2))[0]
            probability *= np.exp(row[token])
        sums[tokens[0]] += probability
    return sums


@pytest.mark.parametrize("rest", [b"s", b"sh", b"es", b"esh", b"shes"])
@pytest.mark.parametrize("seed", range(3))
def test_rows_are_the_models_conditional(rest, seed):
    model, ids = table(seed), (0, 2)
    growth = Growth.begin(model, SamplerChain(), Beginning(ids, rest, PIECES))
    joint = spellings(model, ids, rest)
    np.testing.assert_allclose(np.exp(growth.rows.logprobs[0]), joint / joint.sum(), atol=1e-12)
    assert growth.rows.model[0] == pytest.approx(model.next_logprobs(Prefixes.of([ids]))[0])


def test_after_the_rest_the_rows_are_the_models_own():
    model = table(1)
    growth = Growth.begin(model, SamplerChain(), Beginning((), b"sh", PIECES))
    for tokens in ([2, 1], [3]):
        growth_there = Growth.at(model, SamplerChain(), Beginning((), b"sh", PIECES), tokens)
        assert growth_there.rows.logprobs is growth_there.rows.model
        expected = model.next_logprobs(Prefixes.of([tokens]).last(2))
        np.testing.assert_array_equal(growth_there.rows.logprobs, expected)
    assert growth.rows.logprobs[0, END] == -np.inf


def test_samplers_see_the_conditional_so_that_none_makes_a_prefix_impossible():
    model = table(2)
    chain = parse_chain(["top_k:k=1"])
    grown = generate(model, chain, Beginning((), b"esh", PIECES), 1, np.arange(20), 30)
    for tokens in grown.tokens:
        assert b"".join(PIECES[token] for token in tokens).startswith(b"esh")


def test_every_drawn_text_begins_with_the_prefix_and_all_spellings_occur():
    model = table(3)
    beginning = Beginning((), b"esh", PIECES)
    grown = generate(model, SamplerChain(), beginning, 1, np.arange(3000), 40)
    firsts = {tuple(tokens[:1]) for tokens in grown.tokens}
    assert firsts == {(0,), (4,)}
    texts = [b"".join(PIECES[token] for token in tokens) for tokens in grown.tokens]
    assert all(text.startswith(b"esh") for text in texts)


@pytest.mark.parametrize("samplers", [[], ["top_k:k=2", "temperature:t=0.7"]])
def test_the_markov_chain_goes_the_same_way(samplers):
    model, chain = table(4), parse_chain(samplers)
    beginning = Beginning((1,), b"sh", PIECES)
    compiled = compile_chain(model, chain, beginning)
    for drawn in ([], [2], [3], [2, 1], [3, 0], [2, 1, 4], [2, 3, 3]):
        state = compiled.state_after(drawn)
        if state is None:
            continue
        expected = Growth.at(model, chain, beginning, drawn).rows.final_logprobs[0]
        np.testing.assert_allclose(compiled.logprobs[state], expected, atol=1e-12)


def test_how_many_prefixes_of_spellings_there_are_is_known_beforehand():
    spelling = PrefixSpelling(table(), b"esh", PIECES)
    # "", "e", "es", "e"+"s": the token esh and e+sh end at once.
    assert spelling.prefixes_looked_at == 3
    assert PrefixSpelling(table(), b"s" * 40, PIECES).prefixes_looked_at == 40


def test_what_no_token_spells_is_refused():
    growth = Growth.begin(table(), SamplerChain(), Beginning((), b"sx", PIECES))
    with pytest.raises(RequestError, match="goes on with 'sx'"):
        _ = growth.rows
