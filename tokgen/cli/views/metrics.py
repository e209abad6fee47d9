"""Losses of a training as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.unicode import inert
from tokgen.unit import Unit

_UNITS = {
    "seconds": "s",
    "steps": "after which the weights were kept",
    "stopped_at_step": "by Ctrl-C",
}


def metrics_table(metrics: Mapping[str, float | None], unit: Unit = Unit.nats) -> Table:
    """What was measured, by name: each figure with its unit."""
    return named_figures(
        [inert(name.replace("_", " ")) for name in metrics],
        [_figure(name, value, unit) for name, value in metrics.items()],
        [_UNITS.get(name, f"{unit} per token") for name in metrics],
    )


def _figure(name: str, value: float | None, unit: Unit) -> str:
    if value is None:
        return "infinite"
    return f"{unit.of(value):.4f}" if name.endswith("loss") else f"{value:.4g}"


def named_figures(names: Sequence[str], found: Sequence[str], units: Sequence[str]) -> Table:
    """A row for each figure: its name, the figure, its unit."""
    return Table(
        [
            Column(names, is_key=True, least=LEAST_TEXT),
            figures(found),
            Column(units, style="dim", least=LEAST_TEXT),
        ]
    )
