"""What notebooks show of embeddings: the map as an SVG picture without a script.

Text has the colour of the page, so it reads on a light and a dark one; vowels are marked.
"""

from __future__ import annotations

from html import escape

import numpy as np

from tokgen.arrays import Floats
from tokgen.text_model.embedding_map import EmbeddingMap, apart
from tokgen.text_model.vowels import VOWELS
from tokgen.unicode import shown_symbol

SIDE, MARGIN, RADIUS = 420, 24, 12
VOWEL, OTHER = "#d55e00", "#0072b2"


def html_of_map(shown: EmbeddingMap) -> str:
    """A disc for each symbol, in orange for vowels, under a line that says what the axes are."""
    places = _on_canvas(shown.points)
    discs = "".join(map(_disc, shown.symbols, places.tolist()))
    labels = "".join(map(_label, shown.symbols, apart(places).tolist()))
    return (
        f"<div><div>{escape(shown.what)}</div>"
        f'<svg width="{SIDE}" height="{SIDE}" viewBox="0 0 {SIDE} {SIDE}" role="img">'
        f"{discs}{labels}</svg></div>"
    )


def _on_canvas(points: Floats) -> Floats:
    """The points (N, 2) in pixels, one scale for both axes, the second one upwards."""
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    span = float(np.ptp(points, axis=0).max()) or 1.0
    return SIDE / 2 + (points - middle) * [1, -1] * (SIDE - 2 * MARGIN) / span


def _disc(symbol: str, place: list[float]) -> str:
    colour = VOWEL if symbol in VOWELS else OTHER
    x, y = place
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}" fill="{colour}" fill-opacity="0.3"/>'


def _label(symbol: str, place: list[float]) -> str:
    weight = "bold" if symbol in VOWELS else "normal"
    x, y = place
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="currentColor" font-weight="{weight}" '
        'text-anchor="middle" dominant-baseline="central">'
        f"{escape(shown_symbol(symbol))}</text>"
    )
