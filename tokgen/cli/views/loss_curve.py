"""The loss curve in a terminal: a plot of braille dots, and a label for each of its lines.

Lines differ in colour and in form: dots without a gap, crosses, dashes, single dots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from tokgen.plugin_api.fit_run import Progress
from tokgen.training.references import References
from tokgen.unit import Unit

if TYPE_CHECKING:
    from plotille import Canvas
    from rich.text import Text

NO_DOTS = "\u2800"
DOTS_IN_A_ROW = 4
TICK = 5
LEAST_CANVAS = 24
ROWS_BELOW = 2
GAPS_OF_Y, GAPS_OF_X = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100), (1, 2, 5)
# Evaluations in a row that are worse than the best one: one alone may be chance.
TURNED_AFTER = 3


@dataclass(frozen=True)
class Line:
    """One line of the plot: points (step, loss per token), and how it looks.

    Attributes:
        form: what a point of it is in the label, and in the plot unless that is of dots.
        gap: of the plot's columns of dots, each `gap`-th has one; 0 where points are crosses.
    """

    name: str
    points: Sequence[tuple[float, float]]
    form: str
    colour: str
    gap: int

    @property
    def last(self) -> float:
        """The loss at its end."""
        return self.points[-1][1]


@dataclass(frozen=True)
class Scale:
    """The steps and the losses between which the plot lies."""

    steps: int
    low: float
    high: float

    def row(self, loss: float, rows: int) -> int:
        """In which row from above a loss stands; one beyond the plot stands at its edge."""
        dots = DOTS_IN_A_ROW * rows
        share = (loss - self.low) / (self.high - self.low)
        dot = min(max(round(share * dots), 0), dots - 1)
        return rows - 1 - dot // DOTS_IN_A_ROW


def loss_curve(
    history: Sequence[Progress],
    beside: References,
    steps: int,
    width: int,
    height: int,
    unit: Unit = Unit.nats,
) -> Text:
    """A plot of so many cells; `history` holds the reports with losses, the first at the left.

    Each line's label stands beside its end, or below the plot where it is too narrow for that.
    """
    from rich.text import Text

    named = f" {unit} per token"
    beside = _in_unit(beside, unit)
    curves = [line for line in _curves(history, unit) if line.points]
    scale = _scale(curves, beside, max(steps, 1))
    lines = sorted([*_references(beside, scale, unit), *curves], key=lambda line: -line.last)
    labels = [f"{line.form} {line.name} {line.last:.2f}" for line in lines]
    beside_it = width - TICK - 2 - 1 - max(map(len, labels))
    is_narrow = beside_it < LEAST_CANVAS
    columns = max(width - TICK - 2 - len(named), 1) if is_narrow else beside_it
    rows = max(height - ROWS_BELOW - len(labels) * is_narrow, 4)
    wanted = [] if is_narrow else [scale.row(line.last, rows) for line in lines]
    placed = _placed(wanted, rows)
    ticks = {scale.row(tick, rows): f"{tick:.2f}" for tick in _ticks_of_losses(scale, rows)}
    drawn = _drawn(lines, scale, columns, rows)
    shown = Text(no_wrap=True, overflow="crop")
    for row, dots in enumerate(drawn):
        shown.append(f"{ticks.get(row, ''):>{TICK}} {'┤' if row in ticks else '│'}")
        shown.append_text(Text.from_ansi(dots))
        if row in placed:
            shown.append(f" {labels[placed[row]]}", lines[placed[row]].colour)
        shown.append("\n")
    shown.append(_axis(scale.steps, columns, named))
    for label, line in zip(labels, lines, strict=True) if is_narrow else ():
        shown.append(f"\n{label}", line.colour)
    return shown


def turn(history: Sequence[Progress], unit: Unit = Unit.nats) -> str | None:
    """A sentence where the validation loss has turned upward."""
    measured = [(p.validation_loss, p.step) for p in history if p.validation_loss is not None]
    if not measured:
        return None
    lowest, step = min(measured)
    since = [loss for loss, later in measured if later > step]
    if len(since) < TURNED_AFTER or since[-1] <= lowest:
        return None
    return (
        f"The validation loss was lowest at step {step:,} ({unit.of(lowest):.3f}); "
        f"it has risen by {unit.of(since[-1] - lowest):.3f} since."
    )


def _curves(history: Sequence[Progress], unit: Unit) -> Iterator[Line]:
    with_dropout = any(each.with_dropout for each in history)
    name = "training (with dropout)" if with_dropout else "training"
    yield Line(name, _points(((each.step, each.loss) for each in history), unit), "━", "blue", 1)
    held_out = _points(((each.step, each.validation_loss) for each in history), unit)
    yield Line("validation", held_out, "×", "red", 0)


def _points(measured: Iterator[tuple[int, float | None]], unit: Unit) -> list[tuple[float, float]]:
    return [
        (step, unit.of(loss)) for step, loss in measured if loss is not None and math.isfinite(loss)
    ]


def _in_unit(beside: References, unit: Unit) -> References:
    baseline = None if beside.baseline is None else unit.of(beside.baseline)
    return replace(beside, uniform=unit.of(beside.uniform), baseline=baseline)


def _references(beside: References, scale: Scale, unit: Unit) -> Iterator[Line]:
    def level(name: str, loss: float, form: str, colour: str, gap: int) -> Line:
        return Line(name, [(0, loss), (scale.steps, loss)], form, colour, gap)

    beyond = " (above)" if beside.uniform > scale.high else ""
    yield level(f"guessing, {unit.log} {beside.tokens}{beyond}", beside.uniform, "┈", "magenta", 6)
    if beside.baseline is not None:
        yield level("n-gram", beside.baseline, "╌", "green", 3)


def _scale(curves: Sequence[Line], beside: References, steps: int) -> Scale:
    """All losses, and guessing unless the model has left it too far behind to see the curve."""
    losses = [loss for line in curves for _, loss in line.points]
    losses += [] if beside.baseline is None else [beside.baseline]
    low, high = min(losses, default=0.0), max(losses, default=beside.uniform)
    if not losses or high > (low + beside.uniform) / 2:
        high = max(high, beside.uniform)
    margin = max(high - low, 0.02) * 0.04
    return Scale(steps, low - margin, high + margin)


def _drawn(lines: Sequence[Line], scale: Scale, columns: int, rows: int) -> list[str]:
    """The plot's rows from above, coloured by escape sequences."""
    from plotille import Canvas

    dot = scale.steps / (2 * columns - 1)
    end = dot * 2 * columns  # so that the last step stands in the last column of dots
    canvas = Canvas(columns, rows, 0, scale.low, end, scale.high, mode="names")
    for line in lines:
        if line.gap == 1:
            _draw_through(canvas, line)
        elif line.gap:
            for place in range(0, 2 * columns, line.gap):
                canvas.point(place * dot, line.last, color=line.colour)
        else:
            for step, loss in line.points:
                canvas.point(step, loss, True, line.colour, line.form)
    # A cell without dots is a space, which every font has.
    return canvas.plot("\n").replace(NO_DOTS, " ").split("\n")


def _draw_through(canvas: Canvas, line: Line) -> None:
    canvas.point(*line.points[0], color=line.colour)
    for before, after in pairwise(line.points):
        canvas.line(*before, *after, color=line.colour)


def _placed(wanted: Sequence[int], rows: int) -> dict[int, int]:
    """Row -> which label stands there; each but for the others where it is wanted, in order."""
    places: dict[int, int] = {}
    for number, row in enumerate(wanted):
        below = len(wanted) - number - 1
        least = max(places, default=-1) + 1
        places[max(min(row, rows - 1 - below), least)] = number
    return places


def _ticks_of_losses(scale: Scale, rows: int) -> list[float]:
    """Round losses, so few that there are rows between them."""
    span = scale.high - scale.low
    gap = next((gap for gap in GAPS_OF_Y if span / gap <= rows / 2), span)
    first = math.ceil(scale.low / gap)
    return [number * gap for number in range(first, math.floor(scale.high / gap) + 1)]


def _axis(steps: int, columns: int, unit: str) -> str:
    """The line below the plot, and the steps under it."""
    widest = len(f"{steps:,}") + 3
    most = max(columns // widest, 1)
    gap = next(g * 10**n for n in range(19) for g in GAPS_OF_X if steps / (g * 10**n) <= most)
    rule, numbers = ["─"] * columns, ""
    for step in range(0, steps + 1, gap):
        column = round(step * (2 * columns - 1) / steps) // 2
        rule[column] = "┬"
        number = f"{step:,}"
        numbers = numbers.ljust(max(column - len(number) // 2, 0)) + number
    margin = " " * (TICK + 2)
    below = f"{margin[:-1]}└{''.join(rule)}{unit}\n"
    return below + f"{margin}{numbers.ljust(columns)} steps"
