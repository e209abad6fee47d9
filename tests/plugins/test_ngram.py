"""The n-gram against counts made with dictionaries, and its claims about beginnings."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import symbols
from tokgen_models.ngram import NGram
from tokgen_models.ngram_counts import highest_order
from tokgen_models.ngram_table import modified_discounts

from tokgen.errors import RequestError
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes

VOCABULARY = symbols(4)
START = "start"

corpora = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=1, max_size=15)
prefixes = st.lists(st.integers(0, 3), max_size=5)


def fit(documents, **options):
    data = Dataset(EncodedDocuments.of(documents), VOCABULARY)
    return NGram.fitted(NGram.Options(**options), VOCABULARY, data, None, FitRun())


def occurrences(documents, order):
    """N-grams of `order` symbols that end at a token; the start is one symbol."""
    counts = Counter()
    for document in documents:
        symbols = [START, *document, 3]
        for end in range(1, len(symbols)):
            if end - order + 1 >= 0:
                counts[tuple(symbols[end - order + 1 : end + 1])] += 1
    return counts


def kneser_ney(documents, order, context, token):
    """The recursion of Chen & Goodman 1999, read off the paper with dictionaries."""
    levels = [occurrences(documents, order)]
    for length in range(order - 1, 0, -1):
        continued = Counter()
        for gram in levels[0]:
            continued[gram[1:]] += 1
        for gram, count in occurrences(documents, length).items():
            if gram[0] == START:
                continued[gram] = count
        levels.insert(0, continued)
    probability = 1 / VOCABULARY.size
    for length, counts in enumerate(levels):
        suffix = tuple(context[len(context) - length :]) if length <= len(context) else None
        followers = {gram[-1]: n for gram, n in counts.items() if gram[:-1] == suffix}
        if suffix is None or not followers:
            break
        discounts = modified_discounts(np.array(list(counts.values())))
        total = sum(followers.values())
        left = sum(discounts[min(n, 3)] for n in followers.values()) / total
        count = followers.get(token, 0)
        probability = (count - discounts[min(count, 3)]) / total + left * probability
    return probability


@given(corpora, prefixes, st.integers(1, 4))
def test_kneser_ney_is_the_recursion(documents, prefix, order):
    model = fit(documents, order=order)
    probabilities = np.exp(model.next_logprobs(Prefixes.of([prefix]).last(order - 1))[0])
    context = [START, *prefix] if len(prefix) < order - 1 else prefix[len(prefix) - order + 1 :]
    context = context[-(order - 1) :] if order > 1 else []
    expected = [kneser_ney(documents, order, context, token) for token in range(4)]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-9)


@given(corpora, prefixes)
def test_add_k_bigram_is_the_counts(documents, prefix):
    model = fit(documents, order=2, smoothing="add-k", k=0.5)
    counts = occurrences(documents, 2)
    before = prefix[-1] if prefix else START
    followed = np.array([counts[before, token] for token in range(4)]) + 0.5
    probabilities = np.exp(model.next_logprobs(Prefixes.of([prefix]).last(1))[0])
    if followed.sum() > 2:
        np.testing.assert_allclose(probabilities, followed / followed.sum())


@given(corpora, st.lists(prefixes, min_size=1, max_size=5), st.integers(1, 8))
def test_rows_are_normalised_and_saved_whole(documents, rows, order):
    model = fit(documents, order=order)
    logprobs = model.next_logprobs(Prefixes.of(rows).last(order - 1))
    np.testing.assert_allclose(np.exp(logprobs).sum(axis=1), 1)
    again = NGram.from_arrays(model.options, VOCABULARY, model.arrays())
    np.testing.assert_array_equal(again.next_logprobs(Prefixes.of(rows).last(order - 1)), logprobs)


def test_discounts_by_hand():
    counts = np.array([1] * 10 + [2] * 5 + [3] * 3 + [4] * 2)
    y = 10 / 20
    expected = [0, 1 - 2 * y * 5 / 10, 2 - 3 * y * 3 / 5, 3 - 4 * y * 2 / 3]
    np.testing.assert_allclose(modified_discounts(counts), expected)


def test_too_high_an_order_for_the_vocabulary_is_refused():
    huge = symbols(100_000)
    data = Dataset(EncodedDocuments.of([[1, 2]]), huge)
    with pytest.raises(RequestError, match=r"order 8 is too high .* the highest is 3"):
        NGram.fitted(NGram.Options(order=8), huge, data, None, FitRun())


@pytest.mark.parametrize("size", [3, 27, 100, 6462, 100_000, 2_000_000, 3_037_000_500])
def test_the_highest_order_is_that_whose_codes_fit(size):
    order = highest_order(size)
    assert (size + 2) ** order < 1 << 63 <= (size + 2) ** (order + 1)


def test_an_order_that_nobody_asked_for_gives_way():
    huge = symbols(6462)
    data = Dataset(EncodedDocuments.of([[1, 2, 3, 4], [7, 6461 - 1]]), huge)
    model = NGram.fitted(NGram.Options(), huge, data, None, FitRun())
    assert model.options.order == model.context_length + 1 == 4
    asked = NGram.fitted(NGram.Options(order=4), huge, data, None, FitRun())
    prefixes = Prefixes.of([[1, 2, 3], [9], []])
    np.testing.assert_array_equal(model.next_logprobs(prefixes), asked.next_logprobs(prefixes))


def test_counts_are_the_same_by_table_and_by_sorting(monkeypatch):
    documents = [list(row) for row in np.random.default_rng(0).integers(0, 3, (60, 7)).tolist()]
    by_table = fit(documents, order=3).arrays()
    monkeypatch.setattr("tokgen_models.ngram_counts.LARGEST_TABLE", 0)
    monkeypatch.setattr("tokgen_models.ngram_counts.EVENTS_AT_ONCE", 17)
    by_sorting = fit(documents, order=3).arrays()
    assert by_table.keys() == by_sorting.keys()
    for name, array in by_table.items():
        np.testing.assert_array_equal(array, by_sorting[name])
