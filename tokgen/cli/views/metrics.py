"""Losses of a training as a table."""

from __future__ import annotations

from typing import Any

from tokgen.unicode import inert


def metrics_table(metrics: dict[str, float]) -> Any:
    """Losses with their perplexities, then what else was measured."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", style="dim")
    for name, value in metrics.items():
        unit = {"seconds": "s", "steps": "of training, the best"}.get(name, "nats per token")
        figure = f"{value:.4f}" if name.endswith("loss") else f"{value:.4g}"
        table.add_row(inert(name.replace("_", " ")), figure, unit)
    return table
