"""A corpus as a picture: what follows what, and how long its documents are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tokgen.text_model.plots.canvas import BLUE, Figure, Picture, drawn_symbol, drawn_text


def corpus(
    symbols: Sequence[str], pairs: NDArray[np.float64], lengths: dict[int, int], title: str
) -> Figure:
    """What follows what, as a heat map of shares (V, V) by row, beside the lengths."""
    figure = Picture((14.0, 7.0), layout="constrained")
    figure.suptitle(drawn_text(title))
    heat, bars = figure.subplots(1, 2, width_ratios=[1.5, 1])
    image = heat.imshow(pairs, cmap="cividis")
    shown = [*map(drawn_symbol, symbols)]
    heat.set_xticks(range(len(shown)), shown)
    heat.set_yticks(range(len(shown)), shown)
    heat.set_xlabel("next symbol")
    heat.set_ylabel("symbol")
    figure.colorbar(image, ax=heat, label="share of what follows", shrink=0.8)
    bars.bar(list(lengths), list(lengths.values()), color=BLUE)
    bars.set_xlabel("characters")
    bars.set_ylabel("documents")
    bars.grid(axis="y", alpha=0.3)
    return figure
