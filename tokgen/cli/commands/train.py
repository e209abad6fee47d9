"""`tokgen train`: a recipe, from flags or a file, becomes a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tokgen.cli.arguments import (
    CorpusArgument,
    JsonArgument,
    ModelArgument,
    OptionsArgument,
    SeedArgument,
    TokenizerArgument,
    WhereArgument,
    drawn_seed,
)
from tokgen.cli.progress import TrainingProgress
from tokgen.cli.terminal import INTERRUPTED, output_console, print_json, say
from tokgen.cli.views.metrics import metrics_table
from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.files import check_writable
from tokgen.paths import make_folder
from tokgen.plugin_api.options import parse_assignments
from tokgen.training.model_store import trained_path
from tokgen.training.plan import Plan, plan
from tokgen.training.recipe import Device, Recipe, read_recipe, setting_line
from tokgen.training.resume import Resumable, end_unfinished, find_unfinished, keep_unfinished
from tokgen.training.train import Trained
from tokgen.training.train import train as train_planned


def train(
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    option: OptionsArgument = None,
    where: WhereArgument = None,
    condition_on: Annotated[
        str | None,
        typer.Option(
            "--condition-on", metavar="COLUMN,…", help="Columns whose values the model is told."
        ),
    ] = None,
    tokenizer: TokenizerArgument = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A recipe; flags go before what it says.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write the checkpoint.")
    ] = None,
    deduplicate: Annotated[
        bool | None, typer.Option("--deduplicate", help="Keep only the first of equal documents.")
    ] = None,
    refit: Annotated[
        bool | None,
        typer.Option("--refit/--no-refit", help="Train once more, on validation documents too."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a training that was killed or stopped.")
    ] = False,
    device: Annotated[
        Device | None, typer.Option("--device", help="Where networks are trained.")
    ] = None,
    seed: SeedArgument = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the losses (PNG, SVG).")
    ] = None,
    json: JsonArgument = False,
) -> None:
    """Train a model on a corpus and keep it as a checkpoint."""
    flags = {
        "corpus": corpus,
        "model": model,
        "tokenizer": tokenizer,
        "where": parse_assignments(where or []) or None,
        "condition_on": condition_on and [name.strip() for name in condition_on.split(",")],
        "options": parse_assignments(option or []) or None,
        "deduplicate": deduplicate,
        "refit": refit,
        "device": device,
        "seed": seed,
    }
    if plot is not None:
        # Before hours are spent: is there anything to draw with?
        from tokgen.text_model import plots
    settings = _settings(config, {key: value for key, value in flags.items() if value is not None})
    planned = _planned(config, settings)
    path = output or trained_path(planned.corpus, planned.model_name)
    if output is None:
        make_folder(path.parent)
    check_writable(path)
    found = find_unfinished(path) if resume else None
    if found is not None:
        found.check(settings, path)
        planned = plan(found.recipe)
        found.check_corpus(planned, path)
    _tell(planned)
    if resume:
        say(_told_of_resuming(found, path))
    trained = _trained(planned, path, found)
    trained.checkpoint.save(path)
    if trained.doubt is not None:
        say(trained.doubt)
    say(f"wrote {path}")
    if plot is not None:
        plots.losses(trained.history, plot)
    metrics = trained.checkpoint.metadata.metrics
    if json:
        print_json({"checkpoint": str(path), **metrics})
    else:
        output_console().print(metrics_table(metrics))
    if trained.interrupted:
        say("tokgen train --resume, said with the same --output, goes on from here")
        raise typer.Exit(INTERRUPTED)
    end_unfinished(path)


def _trained(planned: Plan, path: Path, found: Resumable | None) -> Trained:
    """Train with a bar, and keep beside `path` what it takes to go on."""
    with TrainingProgress() as progress:
        return train_planned(
            planned,
            progress.report,
            lambda unfinished: keep_unfinished(path, planned, unfinished),
            found.unfinished if found else None,
        )


def _told_of_resuming(found: Resumable | None, path: Path) -> str:
    if found is None:
        return f"no unfinished training of {path} is kept; it begins anew"
    return f"going on where it was after {found.unfinished.seconds:.1f} s"


def _tell(planned: Plan) -> None:
    said = f"{len(planned.corpus.documents):,} documents of {planned.corpus.name}"
    say(f"{planned.model_name} on {said}, seed {planned.recipe.seed}")
    _tell_oddities(planned.corpus)
    chosen = planned.chosen_tokenizer
    say(f"tokenizer {chosen.written}, {chosen.reason}")


def _tell_oddities(corpus: Corpus) -> None:
    """Blank lines and repeats: nothing is wrong with them, but one wants to know."""
    if corpus.blank_lines:
        say(f"{corpus.blank_lines:,} blank lines are skipped")
    repeats = corpus.repeats()
    if repeats:
        say(f"{repeats:,} documents repeat another and are kept (--deduplicate drops them)")


def _settings(config: Path | None, flags: dict[str, Any]) -> dict[str, Any]:
    """What a recipe file says, with flags laid over it."""
    written = read_recipe(config) if config else {}
    options = {**written.get("options", {}), **flags.get("options", {})}
    return {**written, **flags, "options": options}


def _planned(config: Path | None, settings: dict[str, Any]) -> Plan:
    """The plan of these settings; errors in the file name their line."""
    try:
        return plan(Recipe.model_validate({"seed": drawn_seed(), **settings}))
    except RequestError as error:
        if config is None:
            raise
        place = _place(config, settings["options"], str(error))
        raise RequestError(f"{place}: {error}") from None


def _place(config: Path, options: dict[str, Any], message: str) -> str:
    """The file and, where the message speaks of one setting, its line."""
    keys = ["tokenizer"] if message.startswith("Tokenizer ") else []
    for name in options if message.startswith("Model ") else ():
        if f"option {name!r}" in message:
            keys = ["options", name]
    return f"{str(config)!r}, line {setting_line(config, keys)}" if keys else repr(str(config))
