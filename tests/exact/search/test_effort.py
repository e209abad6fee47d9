"""What a search will cost, held against enumeration."""

from __future__ import annotations

import itertools
import math

import pytest
from enumeration import CONDITIONS, begun, enumerate_documents, over_letters
from enumeration import small_model as model

from tokgen.exact.automaton import everything
from tokgen.exact.condition_automata import literal, of_length
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.search import effort
from tokgen.exact.state_numbers import TooManyStates
from tokgen.generation.growth import Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model import drawn_documents
from tokgen.text_model.document_set import Counting, DocumentSet
from tokgen.text_model.drawn_documents import draw


def estimate_of(source, automaton, room=None):
    return effort.estimated(Growth.begin(source, SamplerChain(), begun(source)), automaton, room)


@pytest.mark.parametrize("name", ["length", "suffix", "pattern", "contains"])
def test_the_mass_is_that_of_the_documents_allowed(name):
    condition, fulfils = CONDITIONS[name]
    exact = sum(p for t, p in enumerate_documents(model(7)).items() if fulfils(t))
    assert estimate_of(model(7), over_letters(condition)).mass == pytest.approx(exact, rel=0.25)


def probability_of(source, path):
    """That a document begins so."""
    rows = [begun(source, path[:n]).prefixes(source.vocabulary) for n in range(len(path))]
    own = [source.next_logprobs(row)[0, token] for row, token in zip(rows, path, strict=True)]
    return math.exp(sum(own))


@pytest.mark.parametrize("count", [1, 5, 1000])
def test_prefixes_count_with_the_probability_that_they_are_looked_at(count):
    source, length = model(7), 4
    documents = enumerate_documents(source)
    mass = sum(p for t, p in documents.items() if len(t) == length)
    reached = [1.0]
    for path in itertools.chain.from_iterable(
        itertools.product((0, 1), repeat=n) for n in range(1, length + 1)
    ):
        reached.append(probability_of(source, path))
    exact = sum(-math.expm1(-p * count / mass) for p in reached)
    estimate = estimate_of(source, over_letters(of_length(length, length)))
    assert estimate.prefixes(count) == pytest.approx(exact, rel=0.1)


def test_what_the_model_cannot_reach_has_no_mass():
    estimate = estimate_of(model(7), over_letters(of_length(4, 4)), room=3)
    assert estimate.mass == 0
    assert estimate.prefixes(1) == math.inf


def test_everything_has_all_the_mass_of_what_ends():
    assert estimate_of(model(7), everything(3)).mass == pytest.approx(1.0)


class Unbounded:
    """A small model that does not say that its context is bounded."""

    def __init__(self):
        self._model = model(7)

    def __getattr__(self, name):
        return None if name == "context_length" else getattr(self._model, name)


def containing_aaa(source):
    automaton = over_letters(of_pattern([None, *literal("aaa"), None]))
    no_letter_twice = parse_chain(["no_repeat_ngram:size=1"])
    return DocumentSet(source, no_letter_twice, begun(source), automaton)


def test_what_the_samplers_make_impossible_is_doubted_before_a_search():
    asked = containing_aaa(Unbounded())
    assert "Perhaps no document meets the conditions" in asked.doubt
    with pytest.raises(ImpossibleError):
        next(draw(asked, 1, 1))


@pytest.mark.parametrize("name", ["suffix", "pattern", "contains"])
def test_what_can_be_found_is_not_doubted(name):
    source = Unbounded()
    automaton = over_letters(CONDITIONS[name][0])
    assert DocumentSet(source, beginning=begun(source), automaton=automaton).doubt is None


def test_nothing_is_doubted_of_what_is_known_exactly():
    assert DocumentSet(model(7), automaton=over_letters(CONDITIONS["contains"][0])).doubt is None


def of_eight_letters(source):
    counting = Counting((8, 8), lambda: everything(source.vocabulary.size))
    automaton = over_letters(of_length(8, 8))
    return DocumentSet(source, beginning=begun(source), automaton=automaton, counting=counting)


def test_without_a_longest_length_nothing_is_estimated_and_nothing_refused(monkeypatch):
    monkeypatch.setattr(drawn_documents, "SURELY_TOO_MANY", 0)
    source = Unbounded()
    longer = over_letters(of_length(2, None))
    rare = DocumentSet(source, beginning=begun(source), automaton=longer)
    assert rare.effort is None
    assert len(next(draw(rare, 1, 1)).tokens) >= 2


def test_a_search_without_hope_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr(drawn_documents, "SURELY_TOO_MANY", 10)
    rare = of_eight_letters(Unbounded())
    with pytest.raises(TooManyStates, match="where 2,000,000 are the most"):
        next(draw(rare, 1, 1))


def test_a_bounded_model_needs_no_search():
    length = of_eight_letters(model(7))
    assert length.effort is None
    assert len(list(draw(length, 1, 3))) == 3
