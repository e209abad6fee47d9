"""The losses of several models as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tokgen.text_model.comparison import Measured
from tokgen.text_model.plots.canvas import BLUE, GREEN, ORANGE, Axes, Figure, Picture, drawn_text
from tokgen.unit import Unit

WIDTH, ROW, AROUND = 12.0, 0.36, 1.6
TITLE = "mean loss of each model, with its 95 % interval"


def families(
    found: Sequence[Measured], unit: Unit = Unit.nats, measured_on: str | None = None
) -> Figure:
    """A row for each model, the best above: its loss with the interval, its size and its training.

    A row to each keeps close models apart. A model whose loss is infinite has none, one whose
    training was not timed has no seconds; both are named below.

    Args:
        measured_on: which documents the losses are of.
    """
    rows = sorted((each for each in found if math.isfinite(each.nll)), key=lambda each: -each.nll)
    figure = Picture((WIDTH, AROUND + ROW * max(len(rows), 2)), layout="constrained")
    losses, sizes, times = figure.subplots(1, 3, sharey=True, width_ratios=[2, 1, 1])
    _draw_losses(losses, rows, unit)
    _draw_on_logarithmic_scale(sizes, [each.parameters for each in rows], "parameters", GREEN)
    seconds = [each.seconds or math.nan for each in rows]
    _draw_on_logarithmic_scale(times, seconds, "seconds of training", ORANGE)
    losses.set_yticks(range(len(rows)), [drawn_text(each.model) for each in rows])
    losses.set_ylim(-0.6, len(rows) - 0.4)
    figure.suptitle(f"{TITLE}, {drawn_text(measured_on)}" if measured_on else TITLE)
    figure.supxlabel(_not_drawn(found), fontsize="small")
    return figure


def _draw_losses(axes: Axes, rows: Sequence[Measured], unit: Unit) -> None:
    losses = [unit.of(each.nll) for each in rows]
    below = [unit.of(each.nll - each.nll_low) for each in rows]
    above = [unit.of(each.nll_high - each.nll) for each in rows]
    axes.errorbar(losses, range(len(rows)), xerr=[below, above], fmt="o", capsize=4, color=BLUE)
    axes.set_xlabel(f"loss, {unit} per token")
    axes.grid(alpha=0.3)


def _draw_on_logarithmic_scale(
    axes: Axes, values: Sequence[float], label: str, colour: str
) -> None:
    axes.plot(values, range(len(values)), "o", color=colour)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)


def _not_drawn(found: Sequence[Measured]) -> str:
    """Of which models something is not drawn, and why; empty where all is."""
    infinite = [each.model for each in found if math.isinf(each.nll)]
    untimed = [each.model for each in found if not math.isinf(each.nll) and not each.seconds]
    said = []
    if infinite:
        said.append(f"The loss is infinite: {', '.join(infinite)}.")
    if untimed:
        said.append(f"The seconds of training are unknown: {', '.join(untimed)}.")
    return "\n".join(map(drawn_text, said))
