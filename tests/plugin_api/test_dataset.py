"""Windows as in the lecture, and batches of distinct contexts that weigh the same."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import symbols

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.torch.batches import ContextBatches, DocumentBatches, Drawn, chances_of
from tokgen.plugin_api.vocabulary import Vocabulary

rows = st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=12)


def dataset(documents):
    return Dataset(EncodedDocuments.of(documents), symbols(5))


def all_of(batches):
    return Drawn.alike(np.arange(len(batches)), len(batches))


def expected_windows(documents, context):
    windows = []
    for document in documents:
        padded = [4] * context + document + [4]
        for end in range(context, len(padded)):
            windows.append((tuple(padded[end - context : end]), padded[end]))
    return windows


@given(rows, st.integers(1, 4))
def test_windows(documents, context):
    windows = dataset(documents).all_windows(context)
    pairs = zip(map(tuple, windows.contexts.tolist()), windows.targets.tolist(), strict=True)
    assert list(pairs) == expected_windows(documents, context)


@given(rows, st.integers(1, 4))
def test_batches_of_contexts_hold_each_example_once(documents, context):
    batches = ContextBatches(dataset(documents), context)
    batch = batches.batch(all_of(batches))
    counted = Counter()
    for row, token, weight in zip(batch.rows, batch.tokens, batch.weights, strict=True):
        counted[tuple(batch.inputs[row].tolist()), int(token)] += int(weight)
    assert counted == Counter(expected_windows(documents, context))
    assert batch.examples == pytest.approx(len(dataset(documents)))


@given(rows)
def test_batches_of_documents_are_shifted_by_one(documents):
    batches = DocumentBatches(dataset(documents))
    batch = batches.batch(all_of(batches))
    width = batch.inputs.shape[1]
    following = defaultdict(Counter)
    for document in documents:
        for place, token in enumerate([*document, 4]):
            following[tuple(document[:place])][token] += 1
    expected = Counter()
    for number, document in enumerate(documents):
        for place in range(len(document) + 1):
            after = following[tuple(document[:place])]
            for token, count in after.items():
                expected[number * width + place, token] += count / after.total()
    seen = dict(zip(zip(batch.rows, batch.tokens, strict=True), batch.weights, strict=True))
    assert seen == pytest.approx(dict(expected))
    assert all(batch.inputs[n, : len(d) + 1].tolist() == [4, *d] for n, d in enumerate(documents))
    assert batch.weights.sum() == pytest.approx(batch.examples) == len(dataset(documents))


@given(rows, st.integers(1, 7), st.integers(0, 3), st.booleans())
def test_a_pass_reads_each_document_once(documents, size, seed, mixes_lengths):
    batches = DocumentBatches(dataset(documents), mixes_lengths)
    drawn = batches.a_pass(size, np.random.default_rng(seed))
    assert sorted(np.concatenate([each.rows for each in drawn])) == [*range(len(documents))]
    assert all(len(each.rows) <= size for each in drawn)


@pytest.mark.parametrize("mixes_lengths", [False, True])
def test_a_batch_has_documents_of_like_length_or_of_all(mixes_lengths):
    lengths = np.repeat([1, 9], 50)
    batches = DocumentBatches(dataset([[0] * length for length in lengths]), mixes_lengths)
    drawn = batches.a_pass(10, np.random.default_rng(0))
    assert {len(set(lengths[each.rows])) for each in drawn} == {1 + mixes_lengths}


@given(rows, st.integers(1, 7), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 3))
def test_in_a_pass_a_context_counts_as_in_the_data(documents, size, power, seed):
    """It is read as often as its chance says, to the next whole number."""
    batches = ContextBatches(dataset(documents), 2, power)
    drawn = batches.a_pass(size, np.random.default_rng(seed))
    times, weights = np.zeros(len(batches)), np.zeros(len(batches))
    for each in drawn:
        np.add.at(times, each.rows, 1)
        weights[each.rows] = each.weights
        assert len(each.rows) == min(size, len(batches))
    assert (abs(times * weights - 1) <= np.where(times, weights * (1 + 1e-5), 1)).all()
    assert times.all() or power > 0
    assert sum(each.share for each in drawn) == pytest.approx(1)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 12))
def test_chances_are_proportional_below_one(frequency, size):
    frequency = np.array(frequency, float)
    chances = chances_of(frequency, size)
    assert chances.sum() == pytest.approx(min(size, len(frequency)))
    ratios = (chances / frequency)[chances < 1 - 1e-9]
    assert (chances <= 1 + 1e-9).all()
    assert np.ptp(ratios) < 1e-9 if len(ratios) else True


def test_batches_of_documents_begin_with_the_start_id():
    started = Vocabulary(("-", "^", "a", "b"), terminator_id=0, start_id=1)
    batches = DocumentBatches(Dataset(EncodedDocuments.of([[2, 3], [], [3]]), started))
    batch = batches.batch(all_of(batches))
    assert batch.inputs[:, 0].tolist() == [1, 1, 1]
    assert batch.inputs[0].tolist() == [1, 2, 3]
    assert set(zip(batch.rows.tolist(), batch.tokens.tolist(), strict=True)) == {
        (row, token)
        for rows, tokens in [((0, 3, 6), (2, 0, 3)), ((1,), (3,)), ((2,), (0,)), ((7,), (0,))]
        for row in rows
        for token in tokens
    }


@given(rows, st.data())
def test_what_is_given_goes_with_each_document(documents, data):
    value = st.integers(0, 2)
    values = np.array([[data.draw(value), data.draw(value)] for _ in documents]).reshape(-1, 2)
    told = symbols(5).with_columns({"colour": ["red", "white"], "kind": ["x", "y"]})
    data = Dataset(EncodedDocuments.of(documents), told, values)
    expected = [
        tuple(given)
        for given, row in zip(values.tolist(), documents, strict=True)
        for _ in [*row, 4]
    ]
    assert [tuple(each) for each in data.all_windows(2).given.tolist()] == expected
    for prefixes, which in data.batches_of_documents(3):
        assert prefixes.given.tolist() == values[which].tolist()


@given(rows, st.data())
def test_batches_of_contexts_tell_apart_what_is_given(documents, data):
    values = np.array([[data.draw(st.integers(0, 2))] for _ in documents])
    told = symbols(5).with_columns({"colour": ["red", "white"]})
    batches = ContextBatches(Dataset(EncodedDocuments.of(documents), told, values), 2)
    batch = batches.batch(all_of(batches))
    counted = Counter()
    for row, token, weight in zip(batch.rows, batch.tokens, batch.weights, strict=True):
        key = tuple(batch.inputs[row].tolist()), int(batch.given[row, 0]), int(token)
        counted[key] += int(weight)
    expected = Counter(
        (context, value, token)
        for document, (value,) in zip(documents, values.tolist(), strict=True)
        for context, token in expected_windows([document], 2)
    )
    assert counted == expected


def test_a_dataset_without_columns_is_given_nothing():
    told = symbols(5).with_columns({"colour": ["red"]})
    data = Dataset(EncodedDocuments.of([[1], [2]]), told, np.array([[1], [0]])).without_columns()
    assert data.given.shape == (2, 0)
    assert data.vocabulary == symbols(5)
    assert Dataset(EncodedDocuments.of([[1]]), told).given.tolist() == [[0]]
