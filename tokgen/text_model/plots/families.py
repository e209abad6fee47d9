"""The losses of several models as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tokgen.text_model.comparison import Measured
from tokgen.text_model.plots.canvas import COLOURS, Axes, Figure, Picture, drawn_text
from tokgen.text_model.unit import Unit


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
    of_size.set_ylabel(f"loss, {unit} per token")
    figure.supxlabel(drawn_text(_not_drawn(found)), fontsize="small")
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
    return "\n".join(said)


def _losses_by(
    axes: Axes, found: Sequence[Measured], places: Sequence[float], label: str, unit: Unit
) -> None:
    for number, (each, place) in enumerate(zip(found, places, strict=True)):
        loss = unit.of(each.nll)
        around = [[loss - unit.of(each.nll_low)], [unit.of(each.nll_high) - loss]]
        colour = COLOURS[number % len(COLOURS)]
        axes.errorbar([place], [loss], around, marker="o", capsize=4, color=colour)
        axes.annotate(
            drawn_text(each.model),
            (place, loss),
            xytext=(8, 4),
            textcoords="offset points",
            color=colour,
        )
    axes.set_xscale("log")
    axes.margins(x=0.3)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)
