"""What models of a corpus are compared by: figures worked out by hand or in another way."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tokgen
from tokgen.corpus.columns import encode_splits
from tokgen.text_model.comparison import bigrams, bootstrap, distance, measured
from tokgen.training.evaluation import evaluate


def test_the_distance_is_the_root_of_the_divergence():
    assert distance("ab", "abab") == 0
    assert distance("aa", "b") == 1
    # Shares of a half and a half beside all of one; the middle is three quarters and a quarter.
    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert distance("ab", "a") == pytest.approx(math.sqrt(entropy - 0.5))
    assert distance("ab", "a") == distance("a", "ab")


def test_bigrams_count_the_ends():
    assert list(bigrams(["ab", ""])) == [("", "a"), ("a", "b"), ("b", ""), ("", "")]


def test_the_interval_of_equal_documents_is_a_point():
    assert bootstrap(np.full(9, 6.0), np.full(9, 3.0)) == (2.0, 2.0)


def test_the_interval_is_that_of_the_normal_law_where_documents_are_many():
    """Of means of equally long documents: the mean and 1.96 standard errors beside it."""
    totals = np.random.default_rng(3).normal(20, 4, 4000)
    low, high = bootstrap(totals, np.full(4000, 10.0))
    error = 1.96 * totals.std() / 10 / math.sqrt(4000)
    # The ends are themselves drawn: of 1,000 resamples each is known to about a tenth.
    assert low == pytest.approx(totals.mean() / 10 - error, abs=0.2 * error)
    assert high == pytest.approx(totals.mean() / 10 + error, abs=0.2 * error)


def test_an_impossible_document_has_no_finite_interval():
    assert bootstrap(np.array([1.0, math.inf]), np.ones(2)) == (math.inf, math.inf)


def test_a_model_is_measured_as_eval_measures_it():
    model = tokgen.load("indian-names", "ngram")
    corpus = model.trained_on
    ticks = iter([10.0, 14.0])
    found = measured("ngram", model, corpus, "test", lambda: next(ticks))
    dataset = encode_splits(corpus, ["test"], model.tokenizer, model.model.vocabulary)
    expected = evaluate(model.model, dataset, corpus.split("test").characters())
    for key in ("nll", "perplexity", "bits_per_char"):
        assert getattr(found, key) == pytest.approx(getattr(expected, key), rel=1e-9)
    assert found.nll_low < found.nll < found.nll_high
    drawn = [each.text for each in model.generate(2000, seed=1)]
    assert found.different == len(set(drawn)) / 2000
    assert found.in_corpus == sum(not model.is_novel(text) for text in drawn) / 2000
    assert found.documents_per_second == 500
    assert found.parameters == sum(array.size for array in model.model.arrays().values())
    assert found.seconds == model.metadata.metrics["seconds"]
