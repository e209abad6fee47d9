"""Products of rows: right, and a row's bits are its own whatever rows are beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from tokgen.plugin_api.row_product import RowProduct

sizes = st.integers(1, 40)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), sizes, sizes, st.integers(0, 1000))
def test_products_of_integers_are_exact(count, inner, width, seed):
    random = np.random.default_rng(seed)
    rows = random.integers(-99, 100, (count, inner))
    matrix = random.integers(-99, 100, (inner, width))
    results = RowProduct(matrix.astype(np.float64))(rows.astype(np.float64))
    np.testing.assert_array_equal(results, rows @ matrix)


# 257 and 500 columns: there OpenBLAS for AVX-512 tells rows apart in tiles of 16, 32 or 64.
@pytest.mark.parametrize(("dtype", "rounding"), [(np.float64, 1e-9), (np.float32, 1e-3)])
@pytest.mark.parametrize(
    ("inner", "width"), [(256, 768), (256, 27), (512, 27), (64, 257), (256, 500), (7, 11), (90, 1)]
)
def test_a_row_has_the_same_bits_among_any_others(inner, width, dtype, rounding):
    random = np.random.default_rng(width)
    matrix = random.normal(size=(width, inner)).T.astype(dtype)
    product = RowProduct(matrix)
    rows = random.normal(size=(400, inner)).astype(dtype)
    results = product(rows)
    assert results.dtype == dtype
    exact = rows.astype(np.float64) @ matrix.astype(np.float64)
    np.testing.assert_allclose(results, exact, rtol=rounding, atol=rounding)
    for count in [*range(1, 30), 95, 96, 97, 100, 191, 193, 300]:
        chosen = random.permutation(400)[:count]
        np.testing.assert_array_equal(product(rows[chosen]), results[chosen])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("inner", [3, 64, 256, 512])
@pytest.mark.parametrize("width", [*range(1, 41), 100, 257, 6462])
def test_equal_columns_give_equal_bits(inner, width, dtype):
    random = np.random.default_rng(inner + width)
    matrix = np.repeat(random.normal(size=(inner, 1)), width, axis=1).astype(dtype)
    results = RowProduct(matrix)(random.normal(size=(30, inner)).astype(dtype))
    np.testing.assert_array_equal(results, np.repeat(results[:, :1], width, axis=1))


class Uneven(RowProduct):
    """Stands in for a BLAS that gives other last bits in tiles of some sizes, or at some places."""

    in_tile: tuple[int, ...] = ()
    at_place: tuple[int, ...] = ()

    def _multiply(self, rows, tile, out):
        super()._multiply(rows, tile, out)
        placed = out.reshape(-1, tile, out.shape[-1])
        if tile in self.in_tile:
            placed += 1e-12
        if tile in self.at_place:
            placed[:, -1] += 1e-12


@pytest.mark.parametrize(
    ("in_tile", "at_place", "tiles"),
    [
        ((), (), [96, 24, 4]),
        ((96,), (), [24, 4]),
        ((24,), (), [24]),
        ((4,), (), [96, 24]),
        ((), (96,), [24, 4]),
        ((), (24,), [96, 4]),
        ((24,), (24,), [1]),
        ((), (96, 24, 4), [1]),
    ],
)
def test_tiles_that_tell_rows_apart_are_not_taken(monkeypatch, in_tile, at_place, tiles):
    monkeypatch.setattr(Uneven, "in_tile", in_tile)
    monkeypatch.setattr(Uneven, "at_place", at_place)
    random = np.random.default_rng(0)
    product = Uneven(random.normal(size=(9, 6)))
    assert product.tiles == tiles
    rows = random.normal(size=(250, 9))
    results = product(rows)
    for count in (1, 3, 5, 30, 99):
        np.testing.assert_array_equal(product(rows[count:]), results[count:])


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_no_number_of_threads_changes_a_bit(threads):
    random = np.random.default_rng(1)
    product, rows = RowProduct(random.normal(size=(256, 300))), random.normal(size=(500, 256))
    expected = np.concatenate([product(rows[:1]), product(rows[1:7]), product(rows[7:])])
    with threadpool_limits(threads, "blas"):
        np.testing.assert_array_equal(product(rows), expected)


def test_products_go_where_they_are_wanted():
    product, room = RowProduct(np.eye(3)), np.zeros((8, 3))
    rows = np.arange(15.0).reshape(5, 3)
    assert product(rows, room[1:6]).base is room
    np.testing.assert_array_equal(room, [[0] * 3, *rows, [0] * 3, [0] * 3])
