"""Documents in order of probability, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokgen.cli.terminal import cell
from tokgen.text_model.results import Ranked


def ranking(documents: Iterable[Ranked], *, given: bool) -> Any:
    """A table of documents in order; `given` adds their log-probabilities as they are drawn."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=given, header_style="dim")
    table.add_column("", justify="right", style="dim")
    table.add_column("")
    table.add_column("log p", justify="right")
    if given:
        table.add_column("given", justify="right")
    for rank, document in enumerate(documents, start=1):
        columns = [document.logprob, document.logprob_drawn] if given else [document.logprob]
        figures = [f"{logprob:.3f}" for logprob in columns]
        table.add_row(str(rank), cell(document.text), *figures)
    return table
