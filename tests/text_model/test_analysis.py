"""Figures of the shipped models, against sums over their own scores."""

from __future__ import annotations

import itertools
import math

import pytest

import tokgen
from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions
from tokgen.exact.memory import memory_of
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.text_model.analysis import analyze
from tokgen.text_model.divergence import compare
from tokgen.text_model.posterior import posterior

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PATTERN = "?a?esh"


@pytest.fixture(scope="module", params=["mlp", "gru"])
def model(request):
    return tokgen.load("indian-names", request.param)


@pytest.fixture(scope="module")
def gru():
    return tokgen.load("indian-names", "gru")


@pytest.fixture(scope="module")
def fitting(model):
    """Every document that fulfils the pattern, with its probability."""
    texts = [f"{a}a{b}esh" for a, b in itertools.product(LETTERS, repeat=2)]
    return {score.text: math.exp(score.logprob) for score in model.score_all(texts)}


def test_the_probability_of_a_pattern_is_the_sum_of_its_documents(model, fitting):
    figures = analyze(model, model.source(conditions=Conditions(pattern=PATTERN)))
    total = sum(fitting.values())
    if model.model.context_length is None:
        assert figures["condition_prob_at_least"] == pytest.approx(total, rel=0.01)
        assert figures["condition_prob_at_least"] <= total * (1 + 1e-9)
        assert total <= figures["condition_prob_at_most"] * (1 + 1e-9)
        assert figures["unexplored_at_most"] < 0.01
        assert figures["lengths_at_least"] == pytest.approx({"6": 1.0}, abs=0.01)
    else:
        assert figures["condition_prob"] == pytest.approx(total)
        assert figures["kl_from_model_nats"] == pytest.approx(-math.log(total))
        assert figures["unreachable"] == pytest.approx(1 - total)
        assert figures["lengths"] == pytest.approx({"6": 1.0})


def test_the_best_that_fit_a_pattern_are_the_best_of_all_that_fit(model, fitting):
    found = itertools.islice(model.top(conditions=Conditions(pattern=PATTERN)), 20)
    expected = sorted(fitting.items(), key=lambda item: -item[1])[:20]
    assert [each.text for each in found] == [text for text, _ in expected]


def test_positions_are_the_shares_of_what_fits(model, fitting):
    shares = posterior(model, model.source(conditions=Conditions(pattern=PATTERN)))
    total = sum(fitting.values())
    for letter in "bmn":
        for place in (0, 2):
            expected = sum(p for text, p in fitting.items() if text[place] == letter) / total
            assert shares[place][letter] == pytest.approx(expected, abs=0.005)
    assert shares[1]["a"] == pytest.approx(1)
    assert shares[6]["-"] == pytest.approx(1)


@pytest.mark.parametrize("conditions", [Conditions(), Conditions(suffix="sh")])
@pytest.mark.parametrize("states", [9_600, 17_900])
def test_what_is_looked_at_bounds_what_a_chain_computes(conditions, states):
    mlp = tokgen.load("indian-names", "mlp")
    memory = memory_of(states, 27)  # the Markov chain has 18,279
    chain, looked_at = mlp.source("", None, conditions), mlp.source("", None, conditions, memory)
    exact, bounds = analyze(mlp, chain), analyze(mlp, looked_at)
    left = bounds["unexplored_at_most" if conditions else "unexplored"]
    assert 0.05 < left < 0.999
    for length, mass in exact["lengths"].items():
        least = bounds["lengths_at_least"].get(length, 0.0)
        assert least <= mass * (1 + 1e-9)
        assert mass <= least + left + 1e-9
    for row, least in zip(posterior(mlp, chain), posterior(mlp, looked_at), strict=False):
        assert all(least[token] <= share * (1 + 1e-9) for token, share in row.items())


@pytest.mark.parametrize("samplers", ["", "temperature:t=0.7"])
def test_figures_after_a_prefix_are_given_it(model, samplers):
    chain = parse_chain(samplers.split())
    figures = analyze(model, model.source("sha", chain))
    beginning = model.prefix_logprob(model.beginning("sha"))
    assert figures["prefix_prob"] == pytest.approx(math.exp(beginning))
    known = [text for text in model.known if text.startswith("sha")]
    if not samplers:
        mass = sum(math.exp(each.logprob - beginning) for each in model.score_all(known))
        assert figures["in_corpus"] == pytest.approx(mass)
    assert figures["in_corpus"] == pytest.approx(figures["in_train"] + figures["in_held_out"])
    lengths = figures["lengths" if model.model.context_length else "lengths_at_least"]
    assert min(map(int, lengths)) == 3


def test_what_is_in_the_corpus_under_samplers_is_less_without_them(gru):
    figures = analyze(gru, gru.source("sh", parse_chain(["temperature:t=0.5"])))
    alone = analyze(gru, gru.source("sh"))
    assert alone["in_corpus"] < figures["in_corpus"]
    assert alone["unexplored"] > figures["unexplored"]


def test_a_model_is_no_distance_from_itself_and_some_from_another(model, gru):
    other = compare(model, model.source(), gru)
    assert set(other) == {"kl_nats_at_least", "kl_back_nats_at_least"}
    if model.model.context_length is None:
        assert other["kl_nats_at_least"] == pytest.approx(0, abs=1e-12)
    else:
        assert other["kl_nats_at_least"] > 0.5
    with pytest.raises(RequestError, match="Only finite chains"):
        compare(model, model.source(conditions=Conditions(suffix="sh")), gru)


def test_conditioned_documents_of_an_unbounded_model_have_no_known_probability(gru):
    (document,) = gru.generate(1, conditions=Conditions(pattern=PATTERN), seed=1)
    assert document.logprob == pytest.approx(gru.score(document.text).logprob)
    assert document.logprob_drawn is None
    (document,) = gru.generate(1, unique=True, seed=1)
    assert document.logprob_drawn == pytest.approx(document.logprob)
