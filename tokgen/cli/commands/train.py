"""`tokgen train`: a recipe, from flags or a file, becomes a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.file_roles import FileRole
from tokgen.cli.recipe_flags import RecipeFlags
from tokgen.cli.resuming import resume_command
from tokgen.cli.terminal import INTERRUPTED, output_console, print_json, say
from tokgen.cli.using import use_command
from tokgen.cli.views.metrics import metrics_table
from tokgen.cli.waiting import waiting
from tokgen.errors import RequestError, TokgenError, counted
from tokgen.training.metadata import STOPPED_AT
from tokgen.training.place import Undertaking, begun_anew, check_same_corpus, taken_up
from tokgen.training.plan import Plan
from tokgen.training.references import References, references
from tokgen.training.train import train as train_planned
from tokgen.training.trained import Trained, Unfinished
from tokgen.training.verdict import verdict
from tokgen.unit import Unit

GETTING_READY = "getting ready"


@bundled
def train(
    flags: RecipeFlags = RecipeFlags(),
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write the checkpoint to this file; one of the same corpus is replaced.",
        ),
        FileRole.checkpoint,
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a checkpoint of another corpus.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a training that was killed or stopped.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the losses (PNG, SVG)."),
        FileRole.picture,
    ] = None,
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Train a model on a corpus and keep it as a checkpoint."""
    check_unit(unit, json=json)
    undertaking = _undertaking(flags, output, force=force, resume=resume)
    shown = {"--plot": plot, "--unit": unit, "--json": json or None}
    goes_on = f"{resume_command(undertaking, shown)} goes on"
    unit = unit or Unit.nats
    undertaking.check_place()
    _tell(undertaking, flags.from_)
    with waiting(GETTING_READY):
        beside = references(undertaking.plan)
    trained = _trained(undertaking, beside, unit, goes_on)
    place = undertaking.place_of_result(stopped=trained.interrupted)
    _keep(trained, undertaking, place, goes_on)
    if plot is not None:
        from tokgen.text_model import plots

        plots.save(plots.plot_losses(trained.history, beside, unit=unit), plot)
    metrics = trained.checkpoint.metadata.metrics
    if json:
        print_json({"checkpoint": str(place), **metrics})
    else:
        output_console().print(metrics_table(metrics, unit))
    for sentence in verdict(undertaking.plan, trained, beside, unit):
        say(sentence)
    if trained.interrupted:
        raise typer.Exit(INTERRUPTED)
    if place.is_file():
        say(f"use it: {use_command(undertaking)}")


def _undertaking(
    flags: RecipeFlags, output: Path | None, *, force: bool, resume: bool
) -> Undertaking:
    """The training that is asked for; refused where it would replace another corpus' model."""
    if resume and force:
        raise RequestError("--force has no effect with --resume, which replaces no other model.")
    if resume:
        return taken_up(flags.settings(), output)
    begun = begun_anew(flags.plan(), output)
    if not force:
        check_same_corpus(begun.path, begun.plan.corpus)
    return begun


def _tell(undertaking: Undertaking, from_: str | None) -> None:
    """What is trained on what; a checkpoint that it goes on from is named as it was typed."""
    planned, resumed = undertaking.plan, undertaking.resumed
    said = f"{counted(len(planned.corpus.documents), 'document')} of {planned.corpus.name}"
    say(f"{planned.model_name} on {said}, seed {planned.recipe.seed}")
    if planned.chosen_model.reason is not None:
        say(f"{planned.model_name} is {planned.chosen_model.reason}")
    _tell_oddities(planned)
    if planned.beginning is not None:
        begun = planned.beginning.metadata
        named = from_ or planned.recipe.from_checkpoint
        say(f"going on from {named}, trained on {begun.corpus.name}")
    chosen = planned.chosen_tokenizer
    say(f"tokenizer {chosen.written}, {chosen.reason}")
    if resumed is not None:
        say(f"going on where it was after {resumed.unfinished.seconds:.1f} s")
    elif undertaking.has_unfinished:
        say("an unfinished training is kept there; this one takes its place as soon as it is kept")


def _tell_oddities(planned: Plan) -> None:
    """Blank lines and repeats: nothing is wrong with them, but one wants to know."""
    corpus, recipe = planned.corpus, planned.recipe
    if corpus.blank_lines:
        verb = "is" if corpus.blank_lines == 1 else "are"
        say(f"{counted(corpus.blank_lines, 'blank line')} {verb} skipped")
    repeats = corpus.repeats()
    if repeats:
        say(f"{_repeating(repeats)} kept (--deduplicate drops them)")
    if recipe.deduplicate:
        dropped = planned.repeats_dropped
        say(
            f"{_repeating(dropped)} dropped"
            if dropped
            else "--deduplicate changes nothing: no document repeats another"
        )
    if recipe.refit and not corpus.rows_of("validation").any():
        say("--refit changes nothing: no document is held out")


def _repeating(count: int) -> str:
    many = f"{count:,} documents repeat another and are"
    return "1 document repeats another and is" if count == 1 else many


def _trained(undertaking: Undertaking, beside: References, unit: Unit, goes_on: str) -> Trained:
    """Train under the user's eyes, and keep beside the checkpoint what it takes to go on.

    `goes_on` is the command that does so, as the beginning of a sentence.
    """
    from tokgen.cli.views.watched_training import WatchedTraining

    try:
        planned, resumed = undertaking.plan, undertaking.resumed
        watched = WatchedTraining(
            planned.corpus.name, beside, refit=planned.recipe.refit, unit=unit
        )
        with waiting(GETTING_READY), watched as shown:
            return train_planned(
                planned,
                shown.report,
                lambda unfinished: _keep_unfinished(undertaking, unfinished),
                resumed.unfinished if resumed else None,
            )
    except KeyboardInterrupt:
        there = f"; {undertaking.path} is as it was" if undertaking.path.exists() else ""
        say(f"stopped before there was anything to write{there}")
        if undertaking.has_unfinished:
            say(f"{goes_on} with the unfinished training")
        raise


def _keep_unfinished(undertaking: Undertaking, unfinished: Unfinished) -> None:
    """A disk that is full now may not be so at the end: the training goes on."""
    try:
        undertaking.keep(unfinished)
    except TokgenError as error:
        say(f"{error} The training goes on; what it has reached now is not kept.")


def _keep(trained: Trained, undertaking: Undertaking, place: Path, goes_on: str) -> None:
    """Write the checkpoint, and say what is there now."""
    try:
        trained.checkpoint.save(place)
    except TokgenError:
        if undertaking.is_kept:
            say(f"{goes_on} where the training was last kept")
        raise
    if trained.doubt is not None:
        say(trained.doubt)
    if not trained.interrupted:
        undertaking.end()
        say(f"wrote {place}")
        return
    step = trained.checkpoint.metadata.metrics[STOPPED_AT]
    say(f"stopped at step {step:.0f}: the best weights so far are kept in {place}")
    if place != undertaking.path:
        say(f"{undertaking.path} is as it was, since its training was finished")
    if undertaking.is_kept:
        say(f"{goes_on} from here")
    else:
        name = undertaking.plan.model_name
        say(f"--resume cannot go on from here: the model {name!r} has kept nothing for it")
