"""Documents in order of probability, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokgen.cli.terminal import cell
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.text_model.results import Ranked


def ranking(documents: Sequence[Ranked], *, first: int = 1, given: bool) -> Any:
    """A table of documents in order; `given` adds their log-probabilities as they are drawn."""
    ranks = [str(first + number) for number in range(len(documents))]
    texts = [cell(document.text) for document in documents]
    alone = [_figure(document.logprob) for document in documents]
    columns = [
        Column(ranks, justify="right", style="dim", is_key=True),
        Column(texts, least=LEAST_TEXT),
        figures(alone, "log p" if given else ""),
    ]
    if given:
        columns.append(figures([_figure(each.logprob_drawn) for each in documents], "given"))
    return Table(columns)


def _figure(logprob: float | None) -> str:
    return "" if logprob is None else f"{logprob:.3f}"
