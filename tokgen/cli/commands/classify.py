"""`tokgen classify`: which values of its columns a text has, by a model that is told columns."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.classification import accuracy_table, classified
from tokgen.cli.waiting import waiting
from tokgen.generation.scoring import tokens_read
from tokgen.text_model.classification import Classifier
from tokgen.text_model.classification_accuracy import accuracies
from tokgen.text_model.results_json import classified_as_json
from tokgen.text_model.text_model import TextModel

ROWS = 5


@bundled
def classify(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="Documents to read.")
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            "--rows",
            min=1,
            help="How many values of a column are shown (default: 5 in the table, all in JSON).",
        ),
    ] = None,
    chosen: SpeakingModel = SpeakingModel(),
    json: JsonArgument = False,
) -> None:
    """Show how probable each value of a column is for a document: its gender, its origin.

    The model was trained with --condition-on. Without TEXT, show how often it is right on documents
    that it was not trained on.
    """
    if not texts:
        without_effect("without TEXT", {"--given": chosen.given or None, "--rows": rows})
    request = chosen.request()
    # Also where nothing is given, the model is one that can be told columns.
    text_model = open_model(request if request.given else replace(request, given={}))
    if texts:
        _show_texts(text_model, texts, rows, json)
    else:
        _show_accuracies(text_model, json)


def _show_texts(text_model: TextModel, texts: list[str], rows: int | None, json: bool) -> None:
    console = output_console()
    with waiting("scoring", tokens_read):
        found = list(Classifier.of(text_model).classify(texts))
    for each in found:
        if json:
            print_json(classified_as_json(each, rows))
        else:
            console.print(classified(each, rows or ROWS))


def _show_accuracies(text_model: TextModel, json: bool) -> None:
    with waiting("scoring", tokens_read):
        found = list(accuracies(text_model))
    if json:
        for each in found:
            print_json(asdict(each))
    else:
        output_console().print(accuracy_table(found))
