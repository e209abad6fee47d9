"""The losses of several models as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tokgen.arrays import Floats
from tokgen.text_model.comparison import Measured
from tokgen.text_model.plots.canvas import COLOURS, Axes, Figure, Picture, drawn_text, figure_of
from tokgen.unit import Unit

# In points, of a name: the height of its line, the width of a letter, the gap beside the mark.
LINE, LETTER, BESIDE = 12.0, 7.0, 8.0
POINTS_IN_AN_INCH = 72


def families(found: Sequence[Measured], unit: Unit = Unit.nats) -> Figure:
    """The loss of each model, with its 95 % interval, by its parameters and by its seconds.

    A model whose training was not timed is only in the first picture, one whose loss is infinite in
    neither; both are named below.
    """
    figure = Picture((12.0, 5.0), layout="constrained")
    of_size, of_time = figure.subplots(1, 2, sharey=True)
    finite = [each for each in found if math.isfinite(each.nll)]
    _losses_by(of_size, finite, [each.parameters for each in finite], "parameters", unit)
    timed = [each for each in finite if each.seconds]
    seconds = [each.seconds or 0.0 for each in timed]
    _losses_by(of_time, timed, seconds, "seconds of training", unit)
    figure.suptitle("mean loss of each model, with its 95 % interval")
    of_size.set_ylabel(f"loss, {unit} per token")
    figure.supxlabel(_not_drawn(found), fontsize="small")
    figure.draw_without_rendering()  # From now on the axes stand where they are drawn.
    _name(of_size, finite, [each.parameters for each in finite], unit)
    _name(of_time, timed, seconds, unit)
    return figure


def _not_drawn(found: Sequence[Measured]) -> str:
    """Which models are not in both pictures, and why; empty where all are."""
    infinite = [each.model for each in found if math.isinf(each.nll)]
    untimed = [each.model for each in found if not math.isinf(each.nll) and not each.seconds]
    said = []
    if infinite:
        said.append(f"The loss is infinite: {', '.join(infinite)}.")
    if untimed:
        said.append(f"The seconds of training are unknown: {', '.join(untimed)}.")
    return "\n".join(map(drawn_text, said))


def _losses_by(
    axes: Axes, found: Sequence[Measured], places: Sequence[float], label: str, unit: Unit
) -> None:
    for number, (each, place) in enumerate(zip(found, places, strict=True)):
        loss = unit.of(each.nll)
        around = [[loss - unit.of(each.nll_low)], [unit.of(each.nll_high) - loss]]
        colour = COLOURS[number % len(COLOURS)]
        axes.errorbar([place], [loss], around, marker="o", capsize=4, color=colour)
    axes.set_xscale("log")
    axes.margins(x=0.3)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)


def _name(axes: Axes, found: Sequence[Measured], places: Sequence[float], unit: Unit) -> None:
    """The name of each model at the right of its point, above those that stand there already."""
    losses = [unit.of(each.nll) for each in found]
    data = np.array([*zip(places, losses, strict=True)]).reshape(-1, 2)
    points = axes.transData.transform(data) * POINTS_IN_AN_INCH / figure_of(axes).dpi
    heights: dict[int, float] = {}
    for number in np.argsort(points[:, 1], kind="stable").tolist():
        at = float(points[number, 1])
        near = [other for other in heights if _side_by_side(found, points[:, 0], number, other)]
        heights[number] = max([at, *(heights[other] + LINE for other in near)])
        axes.annotate(
            drawn_text(found[number].model),
            (places[number], losses[number]),
            xytext=(BESIDE, BESIDE / 2 + heights[number] - at),
            textcoords="offset points",
            color=COLOURS[number % len(COLOURS)],
        )


def _side_by_side(found: Sequence[Measured], x: Floats, one: int, other: int) -> bool:
    """Whether two names would stand in one another's way on one line."""
    left, right = sorted([one, other], key=lambda number: float(x[number]))
    return bool(x[left] + LETTER * len(found[left].model) + BESIDE > x[right])
