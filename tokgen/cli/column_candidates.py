"""What an argument of columns may be completed to, as `candidates` gives names and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tokgen.cli import named_before
from tokgen.cli.candidates import Candidates

if TYPE_CHECKING:
    from tokgen.corpus.corpus import Corpus

# A column with more different values than these is text.
MOST_VALUES = 200


def column_values(ctx: typer.Context) -> Candidates:
    """COLUMN=VALUE of the corpus, but for the columns that stand there already."""
    return _values_of_columns(ctx, "where")


def values_to_give(ctx: typer.Context) -> Candidates:
    """COLUMN=VALUE that the model can be told, but for the columns that stand there already."""
    told = named_before.columns_told(ctx)
    if not told:
        return _values_of_columns(ctx, "given")
    there = _columns_before(ctx, "given")
    return [(f"{name}={each}", "") for name in told.keys() - there for each in sorted(told[name])]


def columns(ctx: typer.Context, incomplete: str) -> Candidates:
    """Columns of the corpus, each once, with commas between them."""
    there, comma, _ = incomplete.rpartition(",")
    corpus, named = named_before.quick_corpus(ctx), there.split(",")
    return [
        (f"{there}{comma}{column}", _meaning(corpus, column))
        for column in corpus.columns
        if column not in named
    ]


def _values_of_columns(ctx: typer.Context, option: str) -> Candidates:
    import numpy as np

    corpus = named_before.quick_corpus(ctx)
    there = _columns_before(ctx, option)
    found: Candidates = []
    for column in corpus.columns.keys() - there:
        values = np.unique(corpus.column(column)).tolist()
        known = values if len(values) <= MOST_VALUES else [""]
        found += [(f"{column}={value}", _meaning(corpus, column)) for value in known]
    return sorted(found)


def _columns_before(ctx: typer.Context, option: str) -> set[str]:
    return {written.partition("=")[0] for written in ctx.params.get(option) or ()}


def _meaning(corpus: Corpus, column: str) -> str:
    return corpus.card.data.columns.get(column, "") if corpus.card else ""
