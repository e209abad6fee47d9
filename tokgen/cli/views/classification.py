"""The values of columns that a text has, and how often they are found, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tokgen.cli.terminal import cell
from tokgen.cli.views.bars import bar
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures
from tokgen.percentages import percent
from tokgen.text_model.classification import Classified
from tokgen.text_model.classification_accuracy import Accuracy
from tokgen.unicode import inert

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDEST_BAR = 20
UNKNOWN = "(no value)"


def classified(document: Classified, rows: int) -> RenderableType:
    """The most probable values of each column beside their share of the training documents."""
    from rich.console import Group
    from rich.text import Text

    shown = list(_rows(document, rows))
    names, values, probs, bars, shares = zip(*shown, strict=True)
    table = Table(
        [
            Column(names, is_key=True),
            Column(values, is_key=True),
            figures(probs, "p"),
            Column(bars),
            figures(shares, "share alone"),
        ]
    )
    return Group(Text(inert(document.text), "bold"), table)


def _rows(document: Classified, rows: int) -> Iterator[tuple[str, str, str, str, str]]:
    for name, values in document.columns.items():
        for number, each in enumerate(values[:rows]):
            yield (
                cell(name) if number == 0 else "",
                cell(each.value) or UNKNOWN,
                percent(each.prob),
                bar(each.prob, WIDEST_BAR),
                percent(each.share),
            )
        if rest := values[rows:]:
            prob, share = sum(each.prob for each in rest), sum(each.share for each in rest)
            yield "", f"… {len(rest)} more", percent(prob), "", percent(share)


def accuracy_table(found: Sequence[Accuracy]) -> Table:
    """The share of documents of which the value is found, by three ways to find it."""
    return Table(
        [
            Column([cell(each.column) for each in found], "column", is_key=True, least=LEAST_TEXT),
            figures([f"{each.values:,}" for each in found], "values"),
            figures([f"{each.documents:,}" for each in found], "documents"),
            figures([percent(each.model) for each in found], "this model"),
            figures([percent(each.ngrams) for each in found], "n-gram, per value"),
            figures([percent(each.largest_share) for each in found], "the largest share"),
        ]
    )
