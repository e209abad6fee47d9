"""Beam search against all documents of small models, and against the exact `top`."""

from __future__ import annotations

import numpy as np
import pytest
from enumeration import SIZE, over_letters
from hypothesis import given
from hypothesis import strategies as st
from models import CountingModel, TableModel

import tokgen
from tokgen.errors import RequestError
from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import of_length
from tokgen.exact.search.beam_search import most_probable_by_beam
from tokgen.generation.growth import Beginning, Growth, final_logprobs_after
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.document_set import DocumentSet
from tokgen.text_model.documents_in_order import by_beam
from tokgen.text_model.generation_request import GenerationRequest

ROOM = 4
NOTHING = Beginning()


def found(model, width, room=ROOM, samplers=None, automaton=None, accepts=lambda tokens: True):
    growth = Growth.begin(model, samplers or SamplerChain(), NOTHING)
    automaton = automaton or everything(model.vocabulary.size)
    return most_probable_by_beam(
        growth, automaton, lambda found: [*map(accepts, found)], width, room
    )


def of_all(model, samplers=None):
    """The log-probability of each prefix, and of each document, of at most `ROOM` tokens."""
    samplers, end = samplers or SamplerChain(), model.vocabulary.terminator_id
    prefixes, documents = {(): 0.0}, {}
    for length in range(ROOM + 1):
        paths = [path for path in prefixes if len(path) == length]
        for path, row in zip(
            paths, final_logprobs_after(model, samplers, NOTHING, paths), strict=True
        ):
            documents[path] = prefixes[path] + row[end]
            prefixes |= {(*path, t): prefixes[path] + row[t] for t in range(SIZE) if t != end}
    possible = {path: logprob for path, logprob in documents.items() if logprob > -np.inf}
    return prefixes, sorted(possible.items(), key=lambda each: (-each[1], each[0]))


models = st.one_of(
    st.builds(TableModel.random, st.just(SIZE), st.integers(0, 2), st.integers(0, 999)),
    st.just(CountingModel(SIZE)),
)


@given(models, st.sampled_from([(), ("temperature:t=0.5",), ("top_k:k=2", "temperature:t=2")]))
def test_a_beam_as_wide_as_the_frontier_misses_nothing(model, chain):
    """Wide enough: at no length are more prefixes as probable as the last that is wanted."""
    samplers = parse_chain(chain)
    prefixes, documents = of_all(model, samplers)
    for count in (1, 4, len(documents)) if documents else ():
        least = documents[:count][-1][1] - 1e-9
        lengths = [len(path) for path, logprob in prefixes.items() if logprob >= least]
        width = max(count, *np.bincount(lengths).tolist())
        best = found(model, width, samplers=samplers)[:count]
        assert [each.tokens for each in best] == [path for path, _ in documents[:count]]
        expected = [logprob for _, logprob in documents[:count]]
        np.testing.assert_allclose([each.logprob for each in best], expected, atol=1e-12)


@given(models, st.integers(1, 40))
def test_what_a_narrow_beam_finds_is_what_was_kept_by_hand(model, width):
    """The same search with lists, one prefix at a time, to its end."""
    prefixes, documents = of_all(model)
    ended, live, kept = dict(documents), [()], []
    for _ in range(ROOM + 1):
        kept += [(path, ended[path]) for path in live if path in ended]
        grown = [(*path, token) for path in live for token in range(SIZE - 1)]
        possible = [path for path in grown if prefixes.get(path, -np.inf) > -np.inf]
        live = sorted(possible, key=lambda path: (-prefixes[path], path))[:width]
    kept.sort(key=lambda each: (-each[1], each[0]))
    assert [each.tokens for each in found(model, width)] == [path for path, _ in kept[:width]]


def test_it_is_greedy_where_one_prefix_wide():
    """a is likelier than b, but what begins with b is likelier in the end."""
    first, after_a, after_b = [0.6, 0.4, 0.0], [0.5, 0.2, 0.3], [0.05, 0.05, 0.9]
    with np.errstate(divide="ignore"):
        model = TableModel(np.log([after_a, after_b, first]), 1)
    assert [each.tokens for each in found(model, 1)] == [(0,)]
    assert [each.tokens for each in found(model, 2)][:1] == [(1,)]
    np.testing.assert_allclose(found(model, 2)[0].logprob, np.log(0.4 * 0.9))


def test_only_what_is_asked_for_takes_a_place():
    model = TableModel.random(SIZE, 1, 3)
    _, documents = of_all(model)
    automaton = over_letters(of_length(2, 3))
    asked = [path for path, _ in documents if 2 <= len(path) <= 3]
    assert [each.tokens for each in found(model, 99, automaton=automaton)] == asked
    even = [path for path, _ in documents if len(path) % 2 == 0]
    kept = found(model, 99, accepts=lambda tokens: len(tokens) % 2 == 0)
    assert [each.tokens for each in kept] == even


@pytest.mark.parametrize("name", ["mlp", "gru", "ngram"])
@pytest.mark.parametrize("asked", [{}, {"prefix": "sha"}, {"samplers": ("top_p:p=0.9",)}])
def test_it_is_top_where_the_beam_is_wide(name, asked):
    model = tokgen.load("indian-names", name)
    exact = list(model.top(5, **asked))
    wide = list(model.generate(5, beam=400, **asked))
    assert [each.text for each in wide] == [each.text for each in exact]
    for key in ("logprob", "logprob_drawn"):
        pairs = ([getattr(each, key) for each in each_way] for each_way in (wide, exact))
        np.testing.assert_allclose(*pairs, atol=1e-9)


def test_given_a_condition_it_is_top_too():
    model = tokgen.load("indian-names", "mlp")
    conditions = tokgen.Conditions(suffix="esh")
    exact = list(model.top(5, conditions=conditions))
    wide = list(model.generate(5, beam=2000, conditions=conditions))
    assert [each.text for each in wide] == [each.text for each in exact]
    for key in ("logprob", "logprob_drawn"):
        pairs = ([getattr(each, key) for each in each_way] for each_way in (wide, exact))
        np.testing.assert_allclose(*pairs, atol=1e-9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"beam": 0, "count": 0}, "at least 1 prefix"),
        ({"beam": 3, "count": 4}, "A beam of 3 gives at most 3 documents, not 4"),
        ({"beam": 3, "count": 3, "unique": True}, "unique has no effect"),
    ],
)
def test_what_has_no_meaning_is_refused(wrong, said):
    with pytest.raises(RequestError, match=said):
        GenerationRequest(**wrong)


def test_too_wide_a_beam_for_the_memory_is_refused():
    documents = DocumentSet(TableModel.random(SIZE, 1), memory=1)
    with pytest.raises(RequestError, match="does not fit the memory") as refused:
        by_beam(documents, documents.max_states + 1, 3)
    assert refused.value.field == "memory"


def test_as_many_as_the_beam_is_wide_where_nobody_says():
    texts = [each.text for each in tokgen.load("indian-names", "ngram").generate(beam=12)]
    assert len(texts) == len(set(texts)) == 12


def test_a_seed_beside_a_beam_is_refused():
    with pytest.raises(RequestError, match="A beam draws nothing: a seed has no effect"):
        tokgen.load("indian-names", "ngram").generate(seed=1, beam=2)
