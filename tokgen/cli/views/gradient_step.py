"""One step of gradient descent in a terminal: before, the gradient as arrows, after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.cli.views.bars import bar
from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.table import GAP, Column, Table, figures, room_beside
from tokgen.percentages import percent, share
from tokgen.text_model.gradient_step import MovedRow, TakenStep
from tokgen.text_model.results import ranked
from tokgen.unicode import shown_symbol
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console

ROWS = 8
LONGEST_ARROW, LONGEST_BAR = 12, 16
UP, DOWN = "▲", "▼"


def show_step(
    console: Console, step: TakenStep, unit: Unit = Unit.nats, rows: int | None = ROWS
) -> None:
    """The distributions around the gradient, the rows that move, and how the step is taken."""
    before, (loss, less) = step.before, map(unit.of, step.losses)
    target = shown_symbol(before.symbols[step.target])
    seen = shown_row(before.window, before.symbols) or "no context"
    console.print(f"  the model sees {seen}, the target is {target}", style="bold")
    console.print(
        f"  the loss −{unit.log} p is {loss:.4f} {unit} before the step, {less:.4f} after it"
    )
    console.print()
    order = _order(step)
    console.print(_tokens(step, order[:rows], console.width))
    if rows and len(order) > rows:
        left = share(float(before.probs[order[rows:]].sum()))
        console.print(f"… {len(order) - rows} more, {left} before", style="dim")
    console.print()
    _show_moved(console, step.moved, rows)
    console.print(
        "The gradient of the loss at the logits is p − y: y is 1 for the target, 0 for others. "
        f"The step pushes each logit the other way (arrows): each weight w becomes "
        f"w − {step.learning_rate:g} · its gradient, without dropout. The checkpoint stays as it "
        "is.",
        style="dim",
    )


def _order(step: TakenStep) -> Ints:
    """The target, then the others, the most probable before the step first."""
    others = ranked(step.before.logprobs)
    return np.concatenate([[step.target], others[others != step.target]])


def _tokens(step: TakenStep, order: Ints, width: int) -> Table:
    before, after = step.before.probs[order], step.after.probs[order]
    gradient = step.gradient[order]
    names = [shown_symbol(step.before.symbols[token]) for token in order.tolist()]
    arrows = [_arrow(each) for each in gradient.tolist()]
    columns = [
        Column([" target", *[""] * (len(order) - 1)], style="bold", is_key=True),
        Column(names, is_key=True),
        figures([*map(percent, before.tolist())], "before"),
        figures([f"{each:+.3f}" for each in gradient.tolist()], "p − y"),
        Column(arrows, "the logit is pushed", style="bold"),
        figures([*map(percent, after.tolist())], "after"),
    ]
    room = min(LONGEST_BAR, room_beside(columns, width) - GAP)
    return Table([*columns, *_bars(after, room)])


def _bars(shares: Floats, room: int) -> list[Column]:
    if room < 3:
        return []
    return [Column([bar(each, room) for each in (shares / shares.max()).tolist()], style="cyan")]


def _arrow(gradient: float) -> str:
    """As long as the gradient is large, on the scale from 0 to 1; down the gradient."""
    length = max(round(abs(gradient) * LONGEST_ARROW), 1)
    return f"{(UP if gradient < 0 else DOWN) * length}" if abs(gradient) >= 0.0005 else ""


def _show_moved(console: Console, moved: tuple[MovedRow, ...], rows: int | None) -> None:
    if not moved:
        console.print("No row of an embedding table moves.", style="dim")
        return
    shown = moved[:rows]
    console.print(
        Table(
            [
                Column([f" {shown_symbol(row.token)}" for row in shown], "embedding", is_key=True),
                figures([f"{row.distance:.4f}" for row in shown], "moves by"),
                figures([f"{row.length:.4f}" for row in shown], "length before"),
                figures([_share(row) for row in shown], "share"),
            ]
        )
    )
    if rows and len(moved) > rows:
        console.print(f"… {len(moved) - rows} more rows", style="dim")


def _share(row: MovedRow) -> str:
    return f"{100 * row.distance / row.length:.2f} %" if row.length else ""
