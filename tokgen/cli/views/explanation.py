"""A model's explanation of one distribution in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tokgen.plugin_api.model import Explanation
from tokgen.unicode import inert

if TYPE_CHECKING:
    from rich.console import Console


FIGURES_IN_A_ROW = 8


def show_explanation(console: Console, context: str, steps: Sequence[Explanation]) -> None:
    """Each step's figures; of long vectors the first, and how many there are."""
    console.print(f"  the model sees {inert(context)}", style="bold")
    for step in steps:
        shape = " × ".join(map(str, step.values.shape))
        console.print(f"  {inert(step.name)} ({shape})", style="cyan")
        if step.values.ndim == 2:
            for label, row in zip(step.rows, step.values, strict=True):
                console.print(f"    {inert(label)}  {_figures(row[:FIGURES_IN_A_ROW])} …")
        elif step.rows:
            order = np.argsort(-step.values, kind="stable")[:FIGURES_IN_A_ROW]
            labels = [inert(step.rows[place]) for place in order.tolist()]
            for line in _highest(labels, step.values[order].tolist(), console.width - 4):
                console.print(f"    {line}")
        else:
            console.print(f"    {_figures(step.values[:FIGURES_IN_A_ROW])} …")


def _figures(values: Any) -> str:
    return " ".join(f"{value:6.2f}" for value in values.tolist())


def _highest(labels: Sequence[str], values: Sequence[float], width: int) -> list[str]:
    """The labels with their values, in lines that break between pairs alone."""
    unbroken = "\N{NO-BREAK SPACE}"
    pairs = (f"{label}{unbroken}{value:.3f}" for label, value in zip(labels, values, strict=True))
    lines = textwrap.wrap(f"highest: {'  '.join(pairs)}", width, subsequent_indent=" " * 9)
    return [line.replace(unbroken, " ") for line in lines]
