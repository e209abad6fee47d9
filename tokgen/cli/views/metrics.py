"""Losses of a training as a table."""

from __future__ import annotations

from typing import Any

from tokgen.unicode import inert

_UNITS = {"seconds": "s", "steps": "of training, the best", "stopped_at_step": "by Ctrl-C"}


def metrics_table(metrics: dict[str, float | None]) -> Any:
    """Losses with their perplexities, then what else was measured."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", style="dim")
    for name, value in metrics.items():
        unit = _UNITS.get(name, "nats per token")
        table.add_row(inert(name.replace("_", " ")), _figure(name, value), unit)
    return table


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "infinite"
    return f"{value:.4f}" if name.endswith("loss") else f"{value:.4g}"
