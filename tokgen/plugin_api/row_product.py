"""RowProduct: rows times a matrix, where a row's bits do not depend on the rows beside it.

A BLAS takes other kernels for other numbers of rows, and these may add in another order. So the
rows are multiplied in tiles of fixed numbers of rows, on one thread. It also takes other kernels
for the last columns; so there are zeros behind them, and equal columns give equal products.
"""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats, in_parts

# A large tile is cheapest for many rows, a small one for a few.
LARGE, MIDDLE, SMALL = TILES = (96, 24, 4)
# Another order of adding shows in about half of the numbers.
NUMBERS_COMPARED = 64
# As many columns as the registers of a processor hold at once, or a multiple of them: 8 of float64.
BYTES_AT_ONCE = 64


class RowProduct:
    """`product(rows)` is rows (N, K) times the matrix (K, M), both of the same dtype."""

    def __init__(self, matrix: Floats) -> None:
        inner, self._width = matrix.shape
        at_once = BYTES_AT_ONCE // matrix.itemsize
        padded = -(-self._width // at_once) * at_once
        self._dtype = matrix.dtype
        self._padded: Floats = np.zeros((inner, padded), self._dtype)
        self._padded[:, : self._width] = matrix
        self.tiles: list[int] = []
        in_parts(self._choose_tiles, 1, 1, lambda: None)

    def __call__(self, rows: Floats, out: Floats | None = None) -> Floats:
        """The products (N, M), written into `out` where it is given; it lies row after row."""
        width = self._padded.shape[1]
        if out is None:
            products = np.empty((len(rows), width), self._dtype)
            self._multiply_all(rows, products)
            return products[:, : self._width]
        if out.shape[1] == width:
            self._multiply_all(rows, out)
        else:
            out[:] = self(rows)
        return out

    def _multiply_all(self, rows: Floats, products: Floats) -> None:
        def multiply(whole: slice, room: None) -> None:
            done = 0
            for tile in self.tiles:
                end = len(rows) - (len(rows) - done) % tile
                self._multiply(rows[done:end], tile, products[done:end])
                done = end
            if done < len(rows):
                self._multiply_few(rows[done:], self.tiles[-1], products[done:])

        in_parts(multiply, 1, 1, lambda: None)

    def _multiply_few(self, rows: Floats, tile: int, out: Floats) -> None:
        """Multiply fewer rows than a tile has."""
        padded = np.zeros((tile, rows.shape[1]), self._dtype)
        padded[: len(rows)] = rows
        products = np.empty((tile, out.shape[1]), self._dtype)
        self._multiply(padded, tile, products)
        out[:] = products[: len(rows)]

    def _multiply(self, rows: Floats, tile: int, out: Floats) -> None:
        """Multiply a number of rows that is a multiple of the tile."""
        if len(rows):
            tiles = rows.reshape(-1, tile, rows.shape[1])
            np.matmul(tiles, self._padded, out=out.reshape(-1, tile, out.shape[1]))

    def _choose_tiles(self, whole: slice, room: None) -> None:
        """Take the tiles in which this BLAS gives a row the same bits, wherever it stands.

        They must agree with the middle one: a BLAS may have a kernel of its own for small products.
        """
        inner, width = self._padded.shape
        # Any numbers without a pattern do; importing numpy.random would take longer than all else.
        count = -(-NUMBERS_COMPARED // width)
        numbers = np.sin(np.arange(1.0, count * inner + 1))
        trials = numbers.astype(self._dtype).reshape(count, inner)
        results = {tile: np.empty((len(trials), tile, width), self._dtype) for tile in TILES}
        for tile, result in results.items():
            self._multiply(np.repeat(trials, tile, axis=0), tile, result.reshape(-1, width))
        expected = results[MIDDLE][:, :1]
        alike = [tile for tile, result in results.items() if (result == expected).all()]
        self.tiles = alike or [1]
