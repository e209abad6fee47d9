"""What an n-gram says of its numbers, worked out by hand and held against its rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from models import symbols
from tokgen_models.ngram import NGram

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.tokenizer import EncodedDocuments
from tokgen.plugin_api.vocabulary import Vocabulary

VOCABULARY = symbols(4)
A, B = 0, 1
DOCUMENTS = [[A, B], [A, B], [A, A]]

corpora = st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=1, max_size=15)
prefixes = st.lists(st.integers(0, 3), max_size=5)


def explained(prefix, documents=DOCUMENTS, **options):
    data = Dataset(EncodedDocuments.of(documents), VOCABULARY)
    model = NGram.fitted(NGram.Options(**options), VOCABULARY, data, None, FitRun())
    cut = Prefixes.of([prefix]).last(model.context_length)
    return model.explain(cut), np.exp(model.next_logprobs(cut)[0])


def test_kneser_ney_by_hand():
    """Too few n-grams occur for estimates: the discounts are 0.5, 1 and 1.5."""
    (alike, sums, table, sums_after_a, after_a, last), row = explained([A], order=2)
    np.testing.assert_allclose(alike.values, [0.25] * 4)
    # Without context: a came after the start and after a, b after a alone, the end after a and b.
    assert sums.name == "without context: sums of its continuation counts, discounts D"
    assert sums.rows == ("all", "different", "D of 1", "D of 2", "D of 3 and more", "left")
    np.testing.assert_allclose(sums.values, [5, 3, 0.5, 1, 1.5, 2.5 / 5])
    alone = [
        [2, 1, 1 / 5, 0.125, 0.325],
        [1, 0.5, 0.1, 0.125, 0.225],
        [0, 0, 0, 0.125, 0.125],
        [2, 1, 1 / 5, 0.125, 0.325],
    ]
    np.testing.assert_allclose(table.values, alone)
    # After a came a once, b twice, the end once.
    assert after_a.name == "after a: each token"
    assert sums_after_a.name == "after a: sums of its counts, discounts D"
    np.testing.assert_allclose(sums_after_a.values, [4, 3, 0.5, 1, 1.5, 2 / 4])
    by_hand = [
        [1, 0.5, 0.5 / 4, 0.5 * 0.325, 0.2875],
        [2, 1, 1 / 4, 0.5 * 0.225, 0.3625],
        [0, 0, 0, 0.5 * 0.125, 0.0625],
        [1, 0.5, 0.5 / 4, 0.5 * 0.325, 0.2875],
    ]
    np.testing.assert_allclose(after_a.values, by_hand)
    np.testing.assert_allclose(last.values, [0.2875, 0.3625, 0.0625, 0.2875])
    np.testing.assert_array_equal(last.values, row)


def test_add_k_by_hand():
    (sums, table, last), _ = explained([A], order=2, smoothing="add-k", k=0.5)
    np.testing.assert_allclose(sums.values, [4, 3, 0.5, 4])
    by_hand = [[1, 1.5, 1.5 / 6], [2, 2.5, 2.5 / 6], [0, 0.5, 0.5 / 6], [1, 1.5, 1.5 / 6]]
    np.testing.assert_allclose(table.values, by_hand)
    np.testing.assert_allclose(last.values, table.values[:, -1])


def test_a_context_that_was_never_seen_changes_nothing():
    for smoothing in ("kneser-ney", "add-k"):
        (*_, table, never, last), _ = explained([2], order=2, smoothing=smoothing)
        assert table.name == "without context: each token"
        assert never.name == "after c: never seen, so that what the shorter context says stays"
        assert (never.rows, never.values.tolist()) == (("all",), [0.0])
        np.testing.assert_allclose(last.values, table.values[:, -1])


def test_the_start_is_a_context_and_there_is_none_before_it():
    steps, _ = explained([], order=4)
    # What stands first has been counted as it occurs, whatever the order.
    assert [step.name for step in steps][3:] == [
        "after -: sums of its counts, discounts D",
        "after -: each token",
        "probabilities",
    ]
    assert steps[3].values[0] == 3


@given(corpora, prefixes, st.integers(1, 5), st.sampled_from(["kneser-ney", "add-k"]))
def test_the_last_table_gives_the_row(documents, prefix, order, smoothing):
    steps, row = explained(prefix, documents, order=order, smoothing=smoothing)
    *_, table = (step for step in steps if step.columns)
    np.testing.assert_allclose(table.values[:, -1], row, rtol=1e-9)
    np.testing.assert_allclose(table.values[:, -1].sum(), 1)


def test_a_space_in_a_context_has_its_sign():
    vocabulary = Vocabulary((" ", "b", "-"), terminator_id=2)
    data = Dataset(EncodedDocuments.of([[1, 0]]), vocabulary)
    model = NGram.fitted(NGram.Options(order=3), vocabulary, data, None, FitRun())
    names = [step.name for step in model.explain(Prefixes.of([[1, 0]]))]
    assert "after b␣: each token" in names
