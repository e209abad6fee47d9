"""`tokgen top`: the most probable documents, exactly, in order."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from tokgen.chain import MAX_STATES
from tokgen.cli.arguments import (
    Conditioning,
    JsonArgument,
    MaxStatesArgument,
    ModelChoice,
    Sampling,
)
from tokgen.cli.bundles import bundled
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import inert, output_console, print_json
from tokgen.errors import RequestError


@bundled
def top(
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    sampling: Sampling = Sampling(),
    conditioning: Conditioning = Conditioning(),
    max_states: MaxStatesArgument = MAX_STATES,
    chosen: ModelChoice = ModelChoice(),
    json: JsonArgument = False,
) -> None:
    """Show the most probable documents in order, with log-probabilities given the conditions."""
    from rich.table import Table

    chain = sampling.chain()
    conditions = conditioning.conditions()
    text_model = open_model(chosen.request())
    ranked = text_model.top(prefix, chain, conditions, max_states)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("", justify="right", style="dim")
    table.add_column("")
    table.add_column("", justify="right")
    found = 0
    for found, document in enumerate(itertools.islice(ranked, count), start=1):
        if json:
            print_json({"rank": found, "text": document.text, "logprob": document.logprob})
        table.add_row(str(found), inert(document.text), f"{document.logprob:.3f}")
    if not json:
        output_console().print(table)
    if not found:
        raise RequestError("No document fulfils this.")
