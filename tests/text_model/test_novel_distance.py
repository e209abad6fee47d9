"""No row within N edits: against every row one by one, under every model and with --unique."""

from __future__ import annotations

import itertools
from string import ascii_lowercase

import pytest
from levenshtein import is_far, one_edit

import tokgen
from tokgen.errors import RequestError, TokgenError
from tokgen.exact.condition_syntax import parse_conditions
from tokgen.exact.conditions import Conditions
from tokgen.exact.impossible import ImpossibleError
from tokgen.exact.memory import memory_of
from tokgen.text_model.analysis import analyze
from tokgen.text_model.divergence import compare
from tokgen.text_model.drawn_documents import draw
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import GenerationRequest

NEAR = Conditions(novel_distance=1)


@pytest.fixture(scope="module", params=["mlp", "gru", "ngram"])
def model(request):
    return tokgen.load("indian-names", request.param)


def far_from_rows(model, text):
    """Whether no edit of it makes a row of the corpus."""
    return not one_edit(text, ascii_lowercase) & model.known


def test_no_name_is_near_and_they_are_those_of_the_seed_that_are_not(model):
    far = [each.text for each in model.generate(100, seed=4, conditions=NEAR)]
    drawn = [each.text for each in model.generate(400, seed=4)]
    assert far == [text for text in drawn if far_from_rows(model, text)][:100]


def test_with_other_conditions_and_without_repeats(model):
    conditions = Conditions((4, 8), suffix="sh", novel_distance=2)
    texts = [each.text for each in model.generate(5, seed=1, conditions=conditions, unique=True)]
    assert len(set(texts)) == 5
    for text in texts:
        assert text.endswith("sh")
        assert is_far(text, [row for row in model.known if abs(len(row) - len(text)) <= 2], 2)


def test_the_most_probable_in_order():
    model = tokgen.load("indian-names", model="mlp")
    found = [each.text for each in model.top(conditions=NEAR, count=5)]
    everything = itertools.islice((each.text for each in model.top()), 5000)
    expected = (text for text in everything if far_from_rows(model, text))
    assert found == [*itertools.islice(expected, 5)]


def test_probabilities_are_the_models_own_and_the_share_is_told():
    model = tokgen.load("indian-names", "ngram")
    generation = model.generation(GenerationRequest(50, conditions=NEAR, seed=2))
    assert generation.plan.method is Method.rejection
    for each in generation.documents():
        assert each.logprob == pytest.approx(model.score(each.text).logprob)
        assert each.logprob_drawn is None
    rejection = generation.plan.documents.rejection
    assert rejection.accepted == 50
    assert 60 < rejection.proposed < 300
    suffixed = Conditions(suffix="sh", novel_distance=1)
    for each in model.generate(20, conditions=suffixed, seed=2):
        assert each.logprob == pytest.approx(model.score(each.text).logprob)


def test_it_gives_up_with_a_bound_where_everything_is_near():
    model = tokgen.load("indian-names", "ngram")
    all_near = Conditions(pattern="k?mal", novel_distance=2)
    with pytest.raises(TokgenError, match=r"None of 200,000 drawn .* below 1.5e-05") as failed:
        next(model.generate(1, conditions=all_near))
    assert failed.value.exit_code == 1
    with pytest.raises(ImpossibleError):
        next(model.top(conditions=all_near))
    assert not [*model.generate(3, conditions=all_near, unique=True)]


def test_what_cannot_be_told_is_refused():
    model = tokgen.load("indian-names", "ngram")
    with pytest.raises(RequestError, match="Only finite chains"):
        compare(model, model.source(conditions=NEAR), model)
    with pytest.raises(RequestError, match="1 edit or more, not 0"):
        Conditions(novel_distance=0)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A model of few words, whose automaton of near texts fits."""
    path = tmp_path_factory.mktemp("words") / "words.txt"
    path.write_text("ab\nba\nbab\nabba\n" * 5)
    return tokgen.load(str(path), "ngram", train=True)


def test_few_words_are_a_chain_whose_share_rejection_finds_and_bounds_hold(small):
    """The share of 1,000 that were kept: five standard errors, a chance of 1 in 1.7 million."""
    exact = small.source(conditions=NEAR)
    figures = analyze(small, exact)
    little = small.source(conditions=NEAR, memory=memory_of(20, 3))
    assert exact.markov is not None
    assert little.markov is None
    assert len([*draw(little, 1, 1000)]) == 1000
    share = little.rejection.accepted / little.rejection.proposed
    error = 5 * (share * (1 - share) / little.rejection.proposed) ** 0.5
    assert figures["condition_prob"] == pytest.approx(share, abs=error)
    bounds = analyze(small, small.source(conditions=NEAR, memory=memory_of(20, 3)))
    assert bounds["condition_prob_at_least"] <= figures["condition_prob"]
    assert figures["condition_prob"] <= bounds["condition_prob_at_most"]


def test_few_words_are_ranked_alike_by_chain_and_by_search(small):
    found = [each.text for each in small.top(conditions=NEAR, count=8)]
    assert found == [
        each.text for each in small.top(conditions=NEAR, count=8, memory=memory_of(400, 3))
    ]
    assert all(is_far(text, small.known, 1) for text in found)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("novel-distance=2", Conditions(novel_distance=2)),
        ("novel novel-distance=1", Conditions(novel=True, novel_distance=1)),
    ],
)
def test_what_is_typed_in_a_session(typed, meant):
    assert parse_conditions(typed.split()) == meant


@pytest.mark.parametrize("typed", ["novel-distance", "novel-distance=", "novel-distance=x"])
def test_what_is_typed_wrong(typed):
    with pytest.raises(RequestError, match=r"NAME=VALUE|number of edits"):
        parse_conditions([typed])
