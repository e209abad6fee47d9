"""`tokgen score`: how probable documents are, and which of their tokens surprise the model."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case_of
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.surprisal import painted
from tokgen.cli.waiting import waiting
from tokgen.corpus.once import read_once
from tokgen.corpus.text_file import LARGEST_CORPUS, split_lines
from tokgen.errors import RequestError
from tokgen.generation.scoring import tokens_read
from tokgen.text_model.results_json import score_as_json
from tokgen.unit import Unit


@bundled
def score(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="Documents to read.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--input", help="A file with one document a line (- is standard input)."),
        FileRole.read,
    ] = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the log-probability of documents and the surprisal of every token."""
    check_unit(unit, json=json)
    documents = [*(texts or []), *_read(file)]
    if not documents:
        raise RequestError("There is nothing to score: give texts, or --input FILE.")
    text_model = open_model(chosen.request())
    hint_at_case_of(text_model, *(texts or []))
    console = output_console()
    scores = text_model.score_all(documents)
    with waiting("scoring", tokens_read):
        first = next(scores)
    for each in chain([first], scores):
        if json:
            print_json(score_as_json(each))
        else:
            console.print(painted(each, unit or Unit.bits))


def _read(file: Path | None) -> Iterable[str]:
    if file is None:
        return ()
    content, name = read_once(str(file), LARGEST_CORPUS)
    return split_lines(content, repr(name)).documents
