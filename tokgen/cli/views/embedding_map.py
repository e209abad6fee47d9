"""Embeddings on a plane of characters: what lies near in the model lies near on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats
from tokgen.cli.views.fitting import lines_there_are
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.vowels import VOWELS
from tokgen.unicode import shown_symbol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST, LONGEST_LABEL = 100, 8
AROUND, LEAST_LINES = 6, 8
HEIGHT_OF_A_CELL = 2  # A character of a terminal is about twice as high as wide.
NEAR = [(0, 0), (1, 0), (-1, 0), (0, 2), (0, -2), (1, 2), (1, -2), (-1, 2), (-1, -2), (0, 4)]
NEAR += [(0, -4), (1, 4), (-1, 4), (1, -4), (-1, -4), (2, 0), (-2, 0)]
BEFORE = "·"


@dataclass(frozen=True)
class _Label:
    """What is written, and around which place of the plane."""

    text: str
    x: float
    y: float
    style: str = ""


def show_map(console: Console, shown: EmbeddingMap) -> None:
    """The map in a frame with its scale, vowels in brackets; below it what it is."""
    width = min(console.width, WIDEST) - 2
    height = max(lines_there_are(console) - AROUND, LEAST_LINES)
    plane = _Plane.around(_all_points(shown), width, height)
    labels = [*_labels(shown, shown.points), *_labels_before(shown)]
    left_out = plane.write(labels)
    for line in plane.lines():
        console.print(line, no_wrap=True, overflow="crop")
    console.print(_scale(plane), style="dim")
    console.print(_meaning(shown, left_out), style="dim")


def _all_points(shown: EmbeddingMap) -> Floats:
    return shown.points if shown.before is None else np.vstack([shown.points, shown.before])


def _labels(shown: EmbeddingMap, points: Floats) -> Iterator[_Label]:
    for symbol, (x, y) in zip(shown.symbols, points.tolist(), strict=True):
        text = _shortened(symbol)
        if symbol in VOWELS:
            yield _Label(f"[{text}]", x, y, "bold yellow")
        else:
            yield _Label(text, x, y, "cyan")


def _labels_before(shown: EmbeddingMap) -> Iterator[_Label]:
    if shown.before is not None:
        for symbol, (x, y) in zip(shown.symbols, shown.before.tolist(), strict=True):
            yield _Label(f"{BEFORE}{_shortened(symbol)}", x, y, "dim")


def _shortened(symbol: str) -> str:
    shown = shown_symbol(symbol)
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[: LONGEST_LABEL - 1]}…"


def _scale(plane: _Plane) -> str:
    return (
        f"from left to right {plane.left:.2f} to {plane.right:.2f}, "
        f"from bottom to top {plane.bottom:.2f} to {plane.top:.2f}"
    )


def _meaning(shown: EmbeddingMap, left_out: int) -> str:
    vowels = "; [a] is a vowel" if VOWELS & {*shown.symbols} else ""
    axes = (
        f"the table's {shown.dimensions} dimensions"
        if shown.dimensions <= 2
        else f"two principal components of {shown.dimensions} dimensions "
        f"({100 * shown.share:.0f} % of the variance)"
    )
    before = f"; {BEFORE}a is where a began" if shown.before is not None else ""
    crowded = f"; {left_out} more have no room" if left_out else ""
    return f"axes: {axes}{vowels}{before}{crowded}"


class _Plane:
    """A plane of cells in a frame, on both axes to the same scale."""

    def __init__(self, middle: Floats, per_cell: float, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._per_cell = per_cell
        across, up = width * per_cell / 2, height * per_cell * HEIGHT_OF_A_CELL / 2
        self.left, self.right = middle[0] - across, middle[0] + across
        self.bottom, self.top = middle[1] - up, middle[1] + up
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}

    @classmethod
    def around(cls, points: Floats, width: int, height: int) -> _Plane:
        """The plane on which all points (N, 2) lie, with room for their labels at the edge."""
        low, high = points.min(axis=0), points.max(axis=0)
        room = max(width - LONGEST_LABEL, 1), max((height - 1) * HEIGHT_OF_A_CELL, 1)
        per_cell = float(max((high - low) / room)) or 1.0
        needed = int((high[0] - low[0]) / per_cell) + LONGEST_LABEL
        return cls((low + high) / 2, per_cell, min(width, needed), height)

    def write(self, labels: Sequence[_Label]) -> int:
        """Write each label at its place, or beside it where another stands; how many do not fit."""
        return sum(not self._placed(label) for label in labels)

    def _placed(self, label: _Label) -> bool:
        from rich.cells import cell_len

        wide = cell_len(label.text)
        column = round((label.x - self.left) / self._per_cell - wide / 2)
        line = int((self.top - label.y) / (self._per_cell * HEIGHT_OF_A_CELL))
        column = min(max(column, 0), max(self.width - wide, 0))
        line = min(max(line, 0), self.height - 1)
        for down, aside in NEAR:
            cells = [(line + down, column + aside + place) for place in range(-1, wide + 1)]
            if all(self._is_free(*cell) for cell in cells[1:-1]) and not any(
                cell in self._cells for cell in (cells[0], cells[-1])
            ):
                self._cells[cells[1]] = (label.text, label.style)
                self._cells.update(dict.fromkeys(cells[2:-1], ("", "")))
                return True
        return False

    def _is_free(self, line: int, column: int) -> bool:
        there = 0 <= line < self.height and 0 <= column < self.width
        return there and (line, column) not in self._cells

    def lines(self) -> Iterator[Text]:
        """The lines with a frame around them."""
        from rich.text import Text

        yield Text(f"┌{'─' * self.width}┐", "dim")
        for line in range(self.height):
            row = Text("│", "dim")
            for column in range(self.width):
                row.append(*self._cells.get((line, column), (" ", "")))
            row.append("│")
            yield row
        yield Text(f"└{'─' * self.width}┘", "dim")
