"""`tokgen eval`: the loss of a checkpoint on documents, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.families import families_beside, models_there_are
from tokgen.cli.file_roles import FileRole
from tokgen.cli.measured import checked_split, measure
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.trials import say_how_long
from tokgen.cli.views.families import families_table
from tokgen.cli.views.metrics import named_figures
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.splits import SPLIT_NAMES
from tokgen.errors import RequestError, counted
from tokgen.text_model.comparison import DRAWN, measured
from tokgen.training.evaluation import Evaluation
from tokgen.training.model_request import ModelRequest
from tokgen.unit import Unit


@bundled
def evaluate(
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="|".join(SPLIT_NAMES),
            help="Split to measure.",
            autocompletion=lambda: SPLIT_NAMES,
        ),
    ] = None,
    chosen: ModelChoice = ModelChoice(),
    all_models: Annotated[
        bool, typer.Option("--all", help="Compare the models shipped or kept for the corpus.")
    ] = False,
    train: Annotated[
        bool, typer.Option("--train", help="With --all: first train the families that are missing.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="With --all: draw the losses (PNG, SVG)."),
        FileRole.picture,
    ] = None,
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Measure a model's loss on documents, those of a split that it was not trained on."""
    check_unit(unit, json=json)
    if all_models:
        named = {"--model": chosen.model, "--checkpoint": chosen.checkpoint, "-o": chosen.option}
        without_effect("with --all", named)
        _compare(chosen.request(), split, plot, unit, train=train, json=json)
        return
    without_effect("without --all", {"--train": train or None, "--plot": plot})
    result, name = measure(open_model(chosen.request()), chosen, split)
    if json:
        print_json({**asdict(result), "split": name})
    else:
        _show(result, unit)


def _compare(
    request: ModelRequest,
    split: str | None,
    plot: Path | None,
    unit: Unit | None,
    *,
    train: bool,
    json: bool,
) -> None:
    """Measure every model of a corpus; in JSON an object for each as it comes."""
    corpus = open_corpus(request.corpus_or_default, request.where, request.column)
    name = checked_split(split) or ("validation" if corpus.package is None else "test")
    held_out = corpus.split(name)
    if not len(held_out):
        raise RequestError(f"The {name} split of {corpus.name!r} is empty.")
    models = models_there_are(request, corpus)
    if train:
        missing = families_beside(models, request)
        say_how_long(missing)
        models |= missing
    if not models:
        raise RequestError(
            f"No model of {corpus.name!r} is shipped or kept: --train makes one of each family."
        )
    told = counted(len(held_out), "document")
    say(f"{name} split of {corpus.name}: {told}; {DRAWN:,} drawn by each model")
    found = []
    for model, asked in sorted(models.items()):
        text_model = open_model(asked)
        if columns := text_model.model.vocabulary.columns:
            say(f"{model!r} is given the {' and '.join(columns)} of each document that it predicts")
        found.append(measured(model, text_model, corpus, name))
        if json:
            print_json({**asdict(found[-1]), "split": name})
    if plot is not None:
        from tokgen.text_model import plots

        where = f"on the {name} split of {corpus.name}"
        plots.save(plots.families(found, unit or Unit.nats, where), plot)
    if not json:
        output_console().print(families_table(sorted(found, key=lambda each: each.nll), unit))


def _show(result: Evaluation, unit: Unit | None) -> None:
    shown = [
        ("tokens", f"{result.tokens:,}", "predictions, terminators included"),
        *_losses(result, unit),
        ("documents", f"{result.documents:,}", ""),
    ]
    names, found, meanings = zip(*shown, strict=True)
    output_console().print(named_figures(names, found, meanings))


def _losses(result: Evaluation, unit: Unit | None) -> Iterator[tuple[str, str, str]]:
    """The loss in one unit, or under the names that are usual for it in either."""
    per_char = result.bits_per_char * math.log(2)
    if unit is not Unit.bits:
        yield "nll", f"{result.nll:.4f}", "nats per token"
    if unit is not Unit.nats:
        yield "bits per token", f"{result.bits_per_token:.4f}", "bits"
    yield "perplexity", f"{result.perplexity:.4f}", ""
    of_char = unit or Unit.bits
    figure = f"{of_char.of(per_char):.4f}"
    yield f"{of_char} per char", figure, f"{of_char}, terminators' included"
