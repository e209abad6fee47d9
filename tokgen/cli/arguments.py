"""The arguments that commands share, each declared once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from tokgen.cli import candidates, column_candidates
from tokgen.cli.file_roles import FileRole
from tokgen.errors import RequestError
from tokgen.unit import Unit

CorpusArgument = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        metavar="NAME|FILE|-",
        help="A corpus plugin, or a text file with one document a line (- is standard input).",
        autocompletion=candidates.corpora,
    ),
    FileRole.read,
]


ColumnArgument = Annotated[
    str | None,
    typer.Option(
        "--column",
        metavar="NAME",
        help="The column that holds the documents, where the corpus is a CSV or TSV file.",
    ),
]


ModelArgument = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A model plugin (default: the card's, or by a file's size).",
        autocompletion=candidates.models,
    ),
]


CheckpointArgument = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        help='A checkpoint file, "shipped", "shipped:NAME" or "kept:NAME".',
        autocompletion=candidates.checkpoints,
    ),
    FileRole.read,
]


WhereArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="COLUMN=VALUE",
        help="Use only these rows of the corpus.",
        autocompletion=column_candidates.column_values,
    ),
]


GivenArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        metavar="COLUMN=VALUE",
        help="A column's value that the model is told, if it was trained with --condition-on.",
        autocompletion=column_candidates.values_to_give,
    ),
]


OptionsArgument = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--option",
        metavar="KEY=VALUE",
        help="An option of the model.",
        autocompletion=candidates.model_options,
    ),
]


TokenizerArgument = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        metavar="NAME:KEY=VALUE,…",
        help="A tokenizer (default: the corpus card's).",
        autocompletion=candidates.tokenizers,
    ),
]


SeedArgument = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        max=2**64 - 1,
        help="Random seed: the same seed gives the same output.",
    ),
]


JsonArgument = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


UnitArgument = Annotated[
    Unit | None,
    typer.Option("--unit", help="Unit of information (default: the usual one of each figure)."),
]


MemoryArgument = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory that exact computations may take (default: TOKGEN_MEMORY, or 1GiB).",
    ),
]


def check_unit(unit: Unit | None, *, json: bool) -> None:
    """Refuse a unit where the keys of JSON name theirs.

    Raises:
        RequestError: both are asked for.
    """
    if json:
        without_effect("with --json, whose keys have units of their own", {"--unit": unit})


def without_effect(beside: str, options: Mapping[str, Any]) -> None:
    """Refuse options that were given and change nothing where something else is asked for.

    Raises:
        RequestError: one of them is not None.
    """
    for name, value in options.items():
        if value is not None:
            raise RequestError(f"{name} has no effect {beside}.")
