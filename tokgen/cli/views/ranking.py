"""Documents in order of probability, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokgen.cli.terminal import cell
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.text_model.results import Ranked
from tokgen.unit import Unit

GIVEN = "given: among the documents that begin so and fulfil the conditions, under the samplers"


def ranking(
    documents: Sequence[Ranked], *, first: int = 1, given: bool, unit: Unit = Unit.nats
) -> Any:
    """A table of documents in order; `given` adds those under samplers and conditions."""
    ranks = [str(first + number) for number in range(len(documents))]
    texts = [cell(document.text) for document in documents]
    alone = [_figure(document.logprob, unit) for document in documents]
    columns = [
        Column(ranks, justify="right", style="dim", is_key=True),
        Column(texts, least=LEAST_TEXT),
        figures(alone, f"{unit.log} p"),
    ]
    if given:
        drawn = [_figure(each.logprob_drawn, unit) for each in documents]
        columns.append(figures(drawn, f"{unit.log} p given"))
    return Table(columns)


def _figure(logprob: float | None, unit: Unit) -> str:
    return "" if logprob is None else f"{unit.of(logprob):.3f}"
