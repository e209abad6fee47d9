"""`tokgen loss`: the cross-entropy that training makes small, worked out by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case_of
from tokgen.cli.measured import measure
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.cross_entropy import guessing, mean_of_all, mean_of_split, worked_out
from tokgen.cli.waiting import waiting
from tokgen.errors import RequestError
from tokgen.generation.scoring import tokens_read
from tokgen.text_model.cross_entropy import cross_entropies
from tokgen.text_model.results_json import cross_entropy_as_json
from tokgen.text_model.text_model import TextModel
from tokgen.training.references import uniform_loss
from tokgen.unit import Unit


@bundled
def loss(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT…", help="Documents to read.")
    ] = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Work out the cross-entropy of documents by hand, token by token.

    Without TEXT, show its mean over documents that the model was not trained on (`tokgen eval`).
    """
    check_unit(unit, json=json)
    if not texts and chosen.given:
        raise RequestError("--given has no effect without TEXT.")
    text_model = open_model(chosen.request())
    if texts:
        hint_at_case_of(text_model, *texts)
        _show_documents(text_model, texts, unit or Unit.nats, json)
    else:
        _show_split(text_model, chosen, unit or Unit.nats, json)


def _show_documents(text_model: TextModel, texts: list[str], unit: Unit, json: bool) -> None:
    with waiting("scoring", tokens_read):
        documents = list(cross_entropies(text_model, texts))
    if json:
        for each in documents:
            print_json(cross_entropy_as_json(each))
        return
    console = output_console()
    for each in documents:
        console.print(worked_out(each, unit))
    if len(documents) > 1:
        console.print(mean_of_all(documents, unit))
    console.print(guessing(documents[0].uniform, unit))


def _show_split(text_model: TextModel, chosen: SpeakingModel, unit: Unit, json: bool) -> None:
    result, split = measure(text_model, chosen, None)
    uniform = uniform_loss(text_model.model.vocabulary)
    if json:
        print_json(
            {"tokens": result.tokens, "mean": result.nll, "uniform": uniform, "split": split}
        )
    else:
        console = output_console()
        console.print(mean_of_split(result, unit))
        console.print(guessing(uniform, unit))
