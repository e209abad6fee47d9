"""What every picture stands on: colours, axes of its own or somebody else's, a file.

The only importer of matplotlib (the `plot` extra). Colours are those of Okabe & Ito, told apart by
the colour-blind; shapes and labels say the same.
"""

from __future__ import annotations

import io
from pathlib import Path

from tokgen.errors import RequestError, did_you_mean
from tokgen.files import writing_whole
from tokgen.unicode import inert, shown_symbol

try:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
except ImportError:
    raise RequestError(
        "Pictures need matplotlib, which is not installed: python -m pip install matplotlib."
    ) from None

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)


class Picture(Figure):
    """A figure that a notebook shows, whether or not pyplot is there."""

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        drawn = io.BytesIO()
        self.savefig(drawn, format="png", dpi=100, bbox_inches="tight")
        return drawn.getvalue()


def drawn_text(text: str) -> str:
    """Text as it is to be seen: matplotlib takes what stands between two `$` for a formula."""
    return inert(text).replace("$", r"\$")


def drawn_symbol(symbol: str) -> str:
    """A token's symbol, as tables show it."""
    return drawn_text(shown_symbol(symbol))


def axes_of(size: tuple[float, float]) -> Axes:
    """The axes of a new picture of this size, in inches."""
    axes: Axes = Picture(size).subplots()
    return axes


def figure_of(axes: Axes) -> Figure:
    """The figure that axes stand in."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def check_drawable(path: Path) -> None:
    """Refuse before the work what no picture can be written into.

    Raises:
        RequestError: the ending is of no known format.
    """
    known = Figure().canvas.get_supported_filetypes()
    ending = _format(path)
    if ending not in known:
        raise RequestError(
            f"Cannot draw {str(path)!r}: {ending!r} is no format of pictures."
            f"{did_you_mean(ending, known)}"
        )


def _format(path: Path) -> str:
    return path.suffix.removeprefix(".").lower() or "png"


def save(figure: Figure, path: Path) -> None:
    """Write a picture; the file's ending says whether PNG, SVG or another format.

    Raises:
        RequestError: the ending is of no known format.
        TokgenError: it cannot be written there.
    """
    check_drawable(path)
    with writing_whole(path) as file:
        figure.savefig(file, format=_format(path), dpi=200, bbox_inches="tight")


def explain_series(axes: Axes, **options: float) -> None:
    """A legend below the axes where there are several series; a single one needs none."""
    count = len(axes.get_legend_handles_labels()[1])
    if count > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=count, **options)
