"""Tiles: a prefix has the same row, bit for bit, whatever else is asked for with it."""

from __future__ import annotations

import numpy as np
import pytest
from guarding import guarded_model_class
from hypothesis import given, settings
from hypothesis import strategies as st
from models import symbols
from threadpoolctl import threadpool_limits

from tokgen.plugin_api import LanguageModel, PluginOptions, Prefixes, in_parts, normalised

SYMBOLS = 7
# Rows of a tile in float64 and in float32.
TILE, SMALL_TILE = 24, 8


class Products(LanguageModel):
    """Two matrix products, whose order of adding is the BLAS' affair."""

    def __init__(self, options, vocabulary, hidden=64, context=3):
        super().__init__(options, vocabulary)
        numbers = np.random.default_rng(hidden)
        self.context_length = context
        self.width = 3 if context is None else context
        self.table = numbers.normal(size=(vocabulary.size, hidden))
        self.inner = numbers.normal(size=(self.width * hidden, hidden)) / np.sqrt(hidden)
        self.output = numbers.normal(size=(hidden, vocabulary.size))
        self.asked = []

    def learned(self):
        return {}

    def fit(self, train, validation, run):
        raise NotImplementedError

    def next_logprobs(self, prefixes):
        self.asked.append(prefixes)
        content = prefixes.padded(self.width, self.vocabulary.terminator_id)
        read = self.table[content].reshape(len(prefixes), -1)
        return normalised(np.tanh(read @ self.inner) @ self.output)


class OneLengthAfterTheOther(Products):
    """As a network without a mask reads: each length apart."""

    def next_logprobs(self, prefixes):
        rows = np.empty((len(prefixes), self.vocabulary.size))
        for length in np.unique(prefixes.lengths):
            here = np.flatnonzero(prefixes.lengths == length)
            rows[here] = super().next_logprobs(prefixes.select(here))
        return rows


class InFloat32(Products):
    dtype = np.float32

    def __init__(self, *arguments):
        super().__init__(*arguments)
        for name in ("table", "inner", "output"):
            setattr(self, name, getattr(self, name).astype(np.float32))


def made(model, hidden=64, context=3, size=SYMBOLS):
    return guarded_model_class(model)(PluginOptions(), symbols(size), hidden, context)


tokens = st.lists(st.integers(0, SYMBOLS - 1), max_size=5)


@pytest.mark.parametrize("model", [Products, OneLengthAfterTheOther])
@pytest.mark.parametrize("context", [0, 3, None])
@pytest.mark.parametrize("hidden", [3, 64, 250])
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(tokens, min_size=1, max_size=150), data=st.data())
def test_a_row_is_the_same_in_any_company(model, context, hidden, rows, data):
    asked = made(model, hidden, context)
    together = asked.next_logprobs(Prefixes.of(rows))
    one = data.draw(st.integers(0, len(rows) - 1))
    np.testing.assert_array_equal(asked.next_logprobs(Prefixes.of([rows[one]]))[0], together[one])
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = Prefixes.of(rows).select(np.array(order))
    np.testing.assert_array_equal(asked.next_logprobs(shuffled), together[order])


@pytest.mark.parametrize("model", [Products, InFloat32])
@pytest.mark.parametrize("hidden", [3, 48, 250, 512])
@pytest.mark.parametrize("size", [2, 7, 9, 27, 101])
def test_a_row_is_the_same_at_any_place_of_a_tile(model, hidden, size):
    asked = made(model, hidden, size=size)
    others = np.random.default_rng(0).integers(0, size, (2 * TILE, 3)).tolist()
    alone = asked.next_logprobs(Prefixes.of([[0, 1, 1]]))[0]
    for place in range(TILE):
        rows = [*others[:place], [0, 1, 1], *others[place:]]
        found = asked.next_logprobs(Prefixes.of(rows))[place]
        np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_row_is_the_same_on_any_number_of_threads(threads):
    asked = made(Products, hidden=250)
    rows = Prefixes.of([[a, b, 1] for a in range(SYMBOLS) for b in range(SYMBOLS)] * 3)
    expected = np.empty((len(rows), SYMBOLS))

    def ask(part, room):
        expected[part] = asked.next_logprobs(rows.select(part))

    in_parts(ask, len(rows), 10, lambda: None)
    with threadpool_limits(threads, "blas"):
        np.testing.assert_array_equal(asked.next_logprobs(rows), expected)


@pytest.mark.parametrize("context", [0, 2, None])
@pytest.mark.parametrize("count", [0, 1, TILE - 1, TILE, TILE + 1, 3 * TILE])
def test_a_model_is_always_asked_for_tiles_of_one_length_and_width(context, count):
    asked = made(Products, context=context)
    rows = [[1, 2, 3, 4][: number % 5] for number in range(count)]
    assert asked.next_logprobs(Prefixes.of(rows)).shape == (count, SYMBOLS)
    for tile in asked.asked:
        assert len(tile) == TILE
        assert len(set(tile.lengths.tolist())) == 1
        assert tile.ids.shape[1] == (int(tile.lengths[0]) if context is None else context)


def test_in_float32_a_tile_is_smaller():
    asked = made(InFloat32)
    asked.next_logprobs(Prefixes.of([[0], [1, 2], [3]]))
    assert [len(tile) for tile in asked.asked] == [SMALL_TILE] * 2


def test_the_rows_are_those_of_the_model():
    asked, plain = made(Products), Products(PluginOptions(), symbols(SYMBOLS))
    rows = Prefixes.of([[a, b][: a % 3] for a in range(SYMBOLS) for b in range(SYMBOLS)])
    np.testing.assert_allclose(asked.next_logprobs(rows), plain.next_logprobs(rows), atol=1e-12)


def test_a_model_that_promises_equal_bits_is_asked_once():
    class Promising(Products):
        batch_invariant = True

    asked = made(Promising)
    asked.next_logprobs(Prefixes.of([[0], [1, 2], [3]]))
    assert [len(prefixes) for prefixes in asked.asked] == [3]


def test_what_is_given_stays_with_its_prefix():
    class Given(Products):
        def next_logprobs(self, prefixes):
            rows = np.full((len(prefixes), SYMBOLS), -np.inf)
            rows[np.arange(len(prefixes)), prefixes.given[:, 0]] = 0
            return rows

    ids = np.zeros((100, 2), np.int64)
    given_ids = np.arange(100)[:, None] % SYMBOLS
    prefixes = Prefixes(ids, np.arange(100) % 3, given_ids)
    rows = made(Given).next_logprobs(prefixes)
    assert (rows.argmax(axis=1) == given_ids[:, 0]).all()
