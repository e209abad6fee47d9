"""Distributions over the next token as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats
from tokgen.text_model.plots.canvas import (
    COLOURS,
    Axes,
    Figure,
    axes_of,
    drawn_symbol,
    drawn_text,
    explain_series,
    figure_of,
)

if TYPE_CHECKING:
    from tokgen.text_model.results import NextToken

SIZE = (11.0, 5.0)
MODEL_ALONE, UNDER_CHAIN = "the model alone", "under the chain"


def distribution(shown: NextToken, title: str, ax: Axes | None = None) -> Figure:
    """What the model says of the next token, and what the samplers make of it if there are any."""
    columns = [(MODEL_ALONE, shown.model_probs)]
    if shown.labels:
        columns.append((UNDER_CHAIN, shown.probs))
    return distributions(shown.symbols, columns, title, ax)


def distributions(
    symbols: Sequence[str],
    columns: Sequence[tuple[str, Floats]],
    title: str,
    ax: Axes | None = None,
) -> Figure:
    """Probabilities of the next token, one group of bars a symbol, one colour a column."""
    axes = axes_of(SIZE) if ax is None else ax
    places = np.arange(len(symbols))
    width = 0.85 / len(columns)
    for number, (label, probabilities) in enumerate(columns):
        shift = (number - (len(columns) - 1) / 2) * width
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(places + shift, probabilities, width, label=drawn_text(label), color=colour)
    axes.set_xticks(places, [*map(drawn_symbol, symbols)])
    axes.set_xlim(-0.6, len(symbols) - 0.4)
    axes.set_ylabel("probability")
    axes.set_title(drawn_text(title))
    axes.grid(axis="y", alpha=0.3)
    explain_series(axes)
    return figure_of(axes)
