"""Embeddings on a plane: a place for each symbol, and places for labels that can all be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats
from tokgen.errors import counted

LITTLE = 0.5


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """The rows of a table (V, K) on a plane.

    Attributes:
        points: a place (V, 2) for each symbol: its row where K is 2, else two principal components.
        before: the places (V, 2) as the training began, on the same axes; None where not asked for.
        share: of the table's variance, what the two axes hold; 1 where they are the whole table.
    """

    symbols: tuple[str, ...]
    points: Floats
    before: Floats | None
    dimensions: int
    share: float

    @property
    def shows_little(self) -> bool:
        """Whether most of what sets the rows apart is not on the map."""
        return self.share < LITTLE

    @property
    def what(self) -> str:
        """What the axes are: `27 symbols, 48 dimensions; the map holds 23 % of the variance`."""
        size = f"{len(self.symbols):,} symbols, {counted(self.dimensions, 'dimension')}"
        if self.dimensions <= 2:
            return size
        return f"{size}; the map holds {100 * self.share:.0f} % of the variance (PCA)"

    @property
    def axis_names(self) -> tuple[str, str]:
        """What is along each axis; nothing is along the second where there is one dimension."""
        if self.dimensions > 2:
            return "principal component 1", "principal component 2"
        return "dimension 1", "dimension 2" if self.dimensions == 2 else ""


def apart(points: Floats, share: float = 0.035) -> Floats:
    """Places (N, 2) of labels near their points, so far apart that none overprints another.

    Args:
        share: the least distance, of the points' span.
    """
    least = share * (float(np.ptp(points, axis=0).max()) or 1.0)
    places = points + least * 1e-3 * np.random.default_rng(0).standard_normal(points.shape)
    for _ in range(200):
        between = places[:, None] - places
        distances = np.linalg.norm(between, axis=-1) + least * np.eye(len(places))
        lacks = np.maximum(least - distances, 0.0) / distances
        if not lacks.any():
            break
        places = places + 0.5 * (between * lacks[..., None]).sum(axis=1)
    return places
