"""Embeddings looked at: nearest neighbours, analogies by vector arithmetic, a map by PCA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats
from tokgen.errors import RequestError, counted, did_you_mean
from tokgen.text_model.argument_names import asked_by_name
from tokgen.text_model.embedding_map import EmbeddingMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIMILAR = 5


@dataclass(frozen=True, eq=False)
class EmbeddingSpace:
    """The embedding table of a model: a row of K numbers (V, K) for each of its V symbols.

    ```python
    embeddings = model.embeddings()
    embeddings.neighbours("a")  # the most similar symbols, each with its cosine
    embeddings.plot(before=model.embeddings(initial=True))
    ```
    """

    symbols: tuple[str, ...]
    table: Floats

    def vector(self, symbol: str) -> Floats:
        """The row of a symbol.

        Raises:
            RequestError: there is no such symbol.
        """
        if symbol not in self.symbols:
            hint = did_you_mean(symbol, self.symbols)
            raise RequestError(f"There is no symbol {symbol!r}.{hint}")
        row: Floats = self.table[self.symbols.index(symbol)]
        return row

    def neighbours(self, symbol: str, count: int = SIMILAR) -> list[tuple[str, float]]:
        """The nearest other symbols by cosine similarity, the nearest first."""
        return self._ranked(self.vector(symbol), {symbol})[:count]

    def analogy(self, words: Sequence[str], count: int = SIMILAR) -> list[tuple[str, float]]:
        """A : b :: c : ? by b - a + c (Mikolov, Yih & Zweig 2013); a, b and c are left out."""
        a, b, c = words
        return self._ranked(self.vector(b) - self.vector(a) + self.vector(c), set(words))[:count]

    def _ranked(self, target: Floats, without: set[str]) -> list[tuple[str, float]]:
        norms = np.linalg.norm(self.table, axis=1) * np.linalg.norm(target)
        similarities = self.table @ target / np.where(norms > 0, norms, 1.0)
        order = np.argsort(-similarities, kind="stable").tolist()
        pairs = [(self.symbols[i], float(similarities[i])) for i in order]
        return [(symbol, similarity) for symbol, similarity in pairs if symbol not in without]

    def flat(self) -> Floats:
        """Two coordinates (V, 2) for each symbol: the table itself where K is 2, else by PCA.

        Principal components (Pearson 1901) of the centred table; each axis points to where the
        larger entry is positive, so that the picture does not flip.
        """
        return self.flat_of(self.table)

    def flat_of(self, table: Floats) -> Floats:
        """The coordinates (N, 2) of other rows (N, K) on the same two axes."""
        if self.table.shape[1] <= 2:
            return np.pad(table, ((0, 0), (0, 2 - table.shape[1])))
        centre = self.table.mean(axis=0)
        left, sizes, axes = np.linalg.svd(self.table - centre, full_matrices=False)
        components = left[:, :2] * sizes[:2]
        peaks = np.abs(components).argmax(axis=0)
        signs = np.sign(components[peaks, [0, 1]])
        flat: Floats = (table - centre) @ (axes[:2].T * signs)
        return flat

    def map(self, before: EmbeddingSpace | None = None) -> EmbeddingMap:
        """The table on a plane, and another one of the same width on the same axes."""
        return EmbeddingMap(
            self.symbols,
            self.flat(),
            None if before is None else self.flat_of(before.table),
            self.table.shape[1],
            self.share_of_two(),
        )

    @asked_by_name()
    def plot(self, before: EmbeddingSpace | None = None, ax: Axes | None = None) -> Figure:
        """Draw the map with matplotlib, on `ax` where it is given, and return the figure.

        Args:
            before: the table of the same model at another time; an arrow leads from each of its
                places to the one of this table.
        """
        from tokgen.text_model.plots.embeddings import embedding_map

        shown = self.map(before)
        return embedding_map(shown, f"embeddings: {shown.what}", ax)

    def __repr__(self) -> str:
        symbols, width = self.table.shape
        return f"<EmbeddingSpace: {counted(symbols, 'symbol')}, a row of {width} numbers for each>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.embeddings_html import html_of_map

        return html_of_map(self.map())

    def share_of_two(self) -> float:
        """Which share of the table's variance two coordinates hold, from 0 to 1."""
        if self.table.shape[1] <= 2:
            return 1.0
        sizes = np.linalg.svd(self.table - self.table.mean(axis=0), compute_uv=False) ** 2
        total = float(sizes.sum())
        return float(sizes[:2].sum()) / total if total else 1.0
