"""Labels beside points: each at the nearest place where it hides no point and no other label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from tokgen.arrays import Floats
from tokgen.text_model.plots.canvas import GREY, Axes, drawn_symbol, figure_of

# In points: a mark, the gap between marks and labels, and how far from its mark a label may stand.
MARK, GAP = 6.0, 1.5
RINGS = (0.0, 6.0, 14.0, 24.0, 36.0)
DIRECTIONS = 12
POINTS_IN_AN_INCH = 72


@dataclass(frozen=True)
class Label:
    """A symbol to be written beside a point."""

    symbol: str
    is_bold: bool


def write_beside(axes: Axes, points: Floats, labels: Sequence[Label], size: float) -> int:
    """Write a label beside each of the points (N, 2), with a line to it where it stands far away.

    How many have no room is returned; they are left out. The limits of the axes must have been set:
    places are found on the paper.
    """
    scale = POINTS_IN_AN_INCH / figure_of(axes).dpi
    marks = axes.transData.transform(points) * scale
    written = [
        axes.annotate(
            drawn_symbol(label.symbol),
            point,
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
            fontweight="bold" if label.is_bold else "normal",
        )
        for label, point in zip(labels, points.tolist(), strict=True)
    ]
    measuring = RendererAgg(1, 1, figure_of(axes).dpi)  # type: ignore[no-untyped-call]
    boxes = [each.get_window_extent(measuring) for each in written]
    halves = np.array([[box.width, box.height] for box in boxes]) * scale / 2
    line = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": MARK / 2}
    places = _places(marks, halves)
    for number, text in enumerate(written):
        if number not in places:
            text.remove()
            continue
        place = places[number]
        text.set_position(place.offset)
        if place.is_far:
            axes.annotate("", text.xy, place.toward, "data", "offset points", line)
    return len(written) - len(places)


@dataclass(frozen=True)
class _Place:
    """Where the middle of a label stands from its mark, in points; far where a line leads to it."""

    offset: tuple[float, float]
    half: tuple[float, float]
    is_far: bool

    @property
    def toward(self) -> tuple[float, float]:
        """Where a line from the mark ends at the label's edge."""
        shares = [half / abs(way) for half, way in zip(self.half, self.offset, strict=True) if way]
        left = 1 - min(shares)
        return self.offset[0] * left, self.offset[1] * left


def _places(marks: Floats, halves: Floats) -> dict[int, _Place]:
    """A place for each label that has room, the labels of the most crowded marks first."""
    angles = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    centres = np.full_like(marks, np.inf)
    places: dict[int, _Place] = {}
    for number in _crowded_first(marks):
        beside = ways * (halves[number] + MARK / 2 + GAP)
        tried = np.concatenate([beside + ways * ring for ring in RINGS])
        reach = np.abs(tried).max(axis=0) + halves[number] + halves.max(axis=0) + MARK
        near = (np.abs(marks - marks[number]) < reach).all(axis=1)
        taken = (np.abs(centres - marks[number]) < reach).all(axis=1)
        at, half = marks[number] + tried, halves[number]
        hidden = _hides(at, half, marks[near], MARK / 2)
        hidden |= _hides(at, half, centres[taken], halves[taken])
        if hidden.all():
            continue
        best = int(hidden.argmin())
        centres[number] = marks[number] + tried[best]
        (x, y), (across, up) = tried[best].tolist(), half.tolist()
        places[number] = _Place((x, y), (across, up), best >= DIRECTIONS)
    return places


def _crowded_first(marks: Floats) -> list[int]:
    """The points in the order of their distance to the nearest other one."""
    if len(marks) < 2:
        return [*range(len(marks))]
    distances = np.linalg.norm(marks[:, None] - marks, axis=2)
    np.fill_diagonal(distances, np.inf)
    order: list[int] = distances.min(axis=1).argsort(kind="stable").tolist()
    return order


def _hides(tried: Floats, half: Floats, centres: Floats, sizes: Floats | float) -> Any:
    """Whether a label at each place (P,) would stand on one of the boxes around these centres."""
    room = np.abs(tried[:, None] - centres) - half - sizes - GAP / 2
    stands_on: NDArray[np.bool_] = np.logical_and(room[..., 0] < 0, room[..., 1] < 0)
    return np.logical_or.reduce(stands_on, axis=1)
