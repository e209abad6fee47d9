"""Windows as in the lecture, and batches of distinct contexts that weigh the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import symbols

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.torch.batches import ContextBatches, DocumentBatches
from tokgen.plugin_api.vocabulary import Vocabulary

rows = st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=12)


def dataset(documents):
    return Dataset(EncodedDocuments.of(documents), symbols(5))


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
    batch = batches.batch(np.arange(len(batches)))
    counted = Counter()
    for row, token, weight in zip(batch.rows, batch.tokens, batch.weights, strict=True):
        counted[tuple(batch.inputs[row].tolist()), int(token)] += int(weight)
    assert counted == Counter(expected_windows(documents, context))
    assert batch.examples == pytest.approx(len(dataset(documents)))


@given(rows)
def test_batches_of_documents_are_shifted_by_one(documents):
    batches = DocumentBatches(dataset(documents))
    batch = batches.batch(np.arange(len(batches)))
    seen = [(int(row), int(token)) for row, token in zip(batch.rows, batch.tokens, strict=True)]
    width = batch.inputs.shape[1]
    expected = [
        (number * width + place, token)
        for number, document in enumerate(documents)
        for place, token in enumerate([*document, 4])
    ]
    assert seen == expected
    assert all(batch.inputs[n, : len(d) + 1].tolist() == [4, *d] for n, d in enumerate(documents))


def test_batches_of_documents_begin_with_the_start_id():
    started = Vocabulary(("-", "^", "a", "b"), terminator_id=0, start_id=1)
    batches = DocumentBatches(Dataset(EncodedDocuments.of([[2, 3], [], [3]]), started))
    batch = batches.batch(np.arange(3))
    assert batch.inputs[:, 0].tolist() == [1, 1, 1]
    assert batch.inputs[0].tolist() == [1, 2, 3]
    assert batch.tokens.tolist() == [2, 3, 0, 0, 3, 0]


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
    batch = batches.batch(np.arange(len(batches)))
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
