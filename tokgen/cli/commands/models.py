"""`tokgen models`: the models that trainings have kept in the user's folders."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen.cli import candidates
from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.listing import CommandListing
from tokgen.cli.terminal import output_console, print_json, print_line, say
from tokgen.cli.views.kept import kept_lines
from tokgen.cli.views.metrics import metrics_table
from tokgen.errors import RequestError
from tokgen.training.kept_models import KeptModel, find_kept, kept_models, kept_of, remove
from tokgen.unit import Unit

app = typer.Typer(cls=CommandListing, no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_models(json: JsonArgument = False) -> None:
    """List the models that are kept, newest first."""
    models = kept_models()
    if not models:
        say("no models are kept: tokgen train keeps one, unless it is given an --output")
    for kept in models:
        _print(kept, json=json)


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A name that `tokgen models list` shows.",
            autocompletion=candidates.kept_models,
        ),
    ],
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show what a kept model is, and the losses of its training."""
    check_unit(unit, json=json)
    (kept,) = find_kept([name])
    if json:
        print_json({**kept.as_json(), "metrics": kept.metrics})
        return
    _print(kept, json=False, unit=unit or Unit.nats)
    if kept.metrics:
        output_console().print(metrics_table(kept.metrics, unit or Unit.nats))


@app.command("remove")
def remove_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…",
            help="Names that `tokgen models list` shows.",
            autocompletion=candidates.kept_models,
        ),
    ] = None,
    all_of: Annotated[
        str | None,
        typer.Option("--all-of", metavar="CORPUS", help="Remove all models of this corpus."),
    ] = None,
) -> None:
    """Remove kept models without asking, and tell what was removed."""
    if not names and all_of is None:
        raise RequestError("There is nothing to remove: give names of models, or --all-of CORPUS.")
    chosen = find_kept(names or [])
    chosen += kept_of(all_of) if all_of is not None else []
    for kept in {kept.path: kept for kept in chosen}.values():
        remove(kept)
        said = f" of {kept.recipe.corpus}" if kept.recipe else ""
        say(f"removed {kept.name}{said}: {kept.path}")


def _print(kept: KeptModel, *, json: bool, unit: Unit = Unit.nats) -> None:
    if json:
        print_json(kept.as_json())
        return
    for line in kept_lines(kept, unit):
        print_line(line)
