"""Embeddings on a plane."""

from __future__ import annotations

import numpy as np

from tokgen.text_model.embedding_map import EmbeddingMap, apart
from tokgen.text_model.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    Axes,
    Figure,
    axes_of,
    drawn_symbol,
    drawn_text,
    explain_series,
    figure_of,
)
from tokgen.text_model.vowels import VOWELS

SIZE = (8.0, 7.0)


def embedding_map(shown: EmbeddingMap, title: str, ax: Axes | None = None) -> Figure:
    """Symbols on a plane; vowels and consonants differ in colour, weight and shape.

    Where the map knows the places before the training, an arrow leads from each to the one after.
    """
    axes = axes_of(SIZE) if ax is None else ax
    points = shown.points
    if shown.before is not None:
        moves = zip(shown.before.tolist(), points.tolist(), strict=True)
        for begun, ended in moves:
            how = {"arrowstyle": "->", "color": GREY, "alpha": 0.4, "shrinkB": 8}
            axes.annotate("", ended, begun, arrowprops=how)
        axes.scatter(*shown.before.T, color=GREY, marker=".", label="before the training")
    vowels = np.array([symbol in VOWELS for symbol in shown.symbols])
    for chosen, colour, marker, label in (
        (vowels, ORANGE, "s", "vowels"),
        (~vowels, BLUE, "o", "others"),
    ):
        if chosen.any():
            x, y = points[chosen].T
            axes.scatter(x, y, color=colour, marker=marker, s=330, alpha=0.3, label=label)
    labels = zip(shown.symbols, points, apart(points), vowels, strict=True)
    for symbol, point, (x, y), vowel in labels:
        weight = "bold" if vowel else "normal"
        axes.plot(*zip(point, (x, y), strict=True), color=GREY, linewidth=0.6)
        axes.text(
            x, y, drawn_symbol(symbol), ha="center", va="center", fontsize=14, fontweight=weight
        )
    axes.set_title(drawn_text(title))
    along, upwards = shown.axis_names
    axes.set_xlabel(along)
    axes.set_ylabel(upwards)
    axes.grid(alpha=0.3)
    explain_series(axes, markerscale=0.5)
    return figure_of(axes)
