"""Windows as in the lecture, and batches of distinct contexts that weigh the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import symbols

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.tokenizer import EncodedDocuments
from tokgen.plugin_api.torch.batches import ContextBatches, DocumentBatches

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
