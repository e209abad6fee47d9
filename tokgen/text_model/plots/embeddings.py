"""Embeddings on a plane."""

from __future__ import annotations

import numpy as np

from tokgen.errors import counted
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    Axes,
    Figure,
    axes_of,
    drawn_text,
    explain_series,
    figure_of,
)
from tokgen.text_model.plots.labels import MARK, Label, write_beside
from tokgen.text_model.vowels import VOWELS

SIZE = (8.0, 7.0)
LETTERS = 13.0


def embedding_map(shown: EmbeddingMap, title: str, ax: Axes | None = None) -> Figure:
    """Symbols on a plane; vowels and consonants differ in colour, weight and shape.

    Where the map knows the places before the training, an arrow leads from each to the one after.
    """
    axes = axes_of(SIZE) if ax is None else ax
    points = shown.points
    if shown.before is not None:
        moves = zip(shown.before.tolist(), points.tolist(), strict=True)
        for begun, ended in moves:
            how = {"arrowstyle": "->", "color": GREY, "alpha": 0.4, "shrinkB": MARK / 2}
            axes.annotate("", ended, begun, arrowprops=how)
        axes.scatter(*shown.before.T, color=GREY, marker=".", label="before the training")
    vowels = np.array([symbol in VOWELS for symbol in shown.symbols])
    for chosen, colour, marker, label in (
        (vowels, ORANGE, "s", "vowels"),
        (~vowels, BLUE, "o", "others"),
    ):
        if chosen.any():
            x, y = points[chosen].T
            axes.scatter(x, y, color=colour, marker=marker, s=MARK**2, label=label)
    axes.set_title(drawn_text(title))
    along, upwards = shown.axis_names
    axes.set_xlabel(along)
    axes.set_ylabel(upwards)
    axes.grid(alpha=0.3)
    explain_series(axes)
    _keep_distances(axes)
    labels = [Label(*each) for each in zip(shown.symbols, vowels.tolist(), strict=True)]
    left_out = write_beside(axes, points, labels, LETTERS)
    if left_out:
        axes.set_xlabel(f"{along}\nno room for the labels of {counted(left_out, 'symbol')}")
    return figure_of(axes)


def _keep_distances(axes: Axes) -> None:
    """One scale for both axes: what is near on the paper is near in the model."""
    axes.margins(0.08)
    axes.set_aspect("equal", adjustable="datalim")
    axes.apply_aspect()
