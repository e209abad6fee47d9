"""`tokgen score`: how probable documents are, and which of their tokens surprise the model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from tokgen.answers import Score
from tokgen.cli.arguments import JsonArgument, ModelChoice
from tokgen.cli.bundles import bundled
from tokgen.cli.opening import open_model
from tokgen.cli.surprisal import painted
from tokgen.cli.terminal import output_console, print_json
from tokgen.errors import RequestError
from tokgen.text_file import read_bytes, split_lines


@bundled
def score(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT…", help="Documents.")] = None,
    file: Annotated[
        Path | None, typer.Option("--input", help="A file with one document a line.")
    ] = None,
    chosen: ModelChoice = ModelChoice(),
    json: JsonArgument = False,
) -> None:
    """Show the log-probability of documents and the surprisal of every token, in bits."""
    documents = [*(texts or []), *_read(file)]
    if not documents:
        raise RequestError("There is nothing to score: give texts, or --input FILE.")
    text_model = open_model(chosen.request())
    console = output_console()
    for each in text_model.score_all(documents):
        if json:
            print_json(as_json(each))
        else:
            console.print(painted(each))


def _read(file: Path | None) -> Iterable[str]:
    return split_lines(read_bytes(file), repr(str(file))).documents if file else ()


def as_json(score: Score) -> dict[str, Any]:
    """One `score --json` object."""
    return {
        "text": score.text,
        "logprob": score.logprob,
        "tokens": list(score.tokens),
        "logprobs": list(score.logprobs),
    }
