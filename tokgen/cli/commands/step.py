"""`tokgen step`: one step of gradient descent on one example, before and after."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case_of
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.gradient_step import ROWS, show_step
from tokgen.text_model.gradient_step import DEFAULT_RATE, example_of, take_step
from tokgen.text_model.results_json import taken_step_as_json
from tokgen.unit import Unit


@bundled
def step(
    text: Annotated[
        str, typer.Argument(help="A context and, as its last token, the one that should follow.")
    ],
    rate: Annotated[float, typer.Option("--lr", help="The learning rate.")] = DEFAULT_RATE,
    rows: Annotated[
        int | None,
        typer.Option("--rows", min=1, help=f"Show only the first N rows (default {ROWS})."),
    ] = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Take one gradient step: the last token of TEXT is the target, those before it the context.

    Show the distribution before, the gradient at the logits, the rows of the embedding table that
    move, and the distribution after. The checkpoint stays as it is.
    """
    check_unit(unit, json=json)
    if json:
        without_effect("with --json", {"--rows": rows})
    text_model = open_model(chosen.request())
    hint_at_case_of(text_model, text)
    before, target = example_of(text_model, text)
    taken = take_step(text_model, before, target, rate)
    if json:
        print_json(taken_step_as_json(taken))
    else:
        show_step(output_console(), taken, unit or Unit.nats, rows or ROWS)
