"""`tokgen top`: the most probable documents, exactly, in order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from tokgen.answers import Ranked
from tokgen.cli.arguments import (
    Conditioning,
    JsonArgument,
    MaxStatesArgument,
    ModelChoice,
    Sampling,
)
from tokgen.cli.bundles import bundled
from tokgen.cli.opening import open_model
from tokgen.cli.progress import waiting
from tokgen.cli.terminal import cell, output_console, print_json
from tokgen.conditioning import IMPOSSIBLE
from tokgen.errors import RequestError
from tokgen.numbering import MAX_STATES


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
    """Show the most probable documents in order, exactly.

    log p is the model's own; beside it stands what a document has under the samplers and given
    the conditions, which is what the order goes by.
    """
    chain = sampling.chain()
    conditions = conditioning.conditions()
    text_model = open_model(chosen.request())
    ranked = itertools.islice(text_model.top(prefix, chain, conditions, max_states), count)
    with waiting("looking for documents"):
        first = next(ranked, None)
    if first is None:
        raise RequestError(IMPOSSIBLE)
    documents = itertools.chain([first], ranked)
    if json:
        for rank, document in enumerate(documents, start=1):
            print_json({"rank": rank, **asdict(document)})
    else:
        given = bool(chain.links or conditions) and first.logprob_drawn is not None
        with waiting("looking for documents"):
            table = ranking(documents, given=given)
        output_console().print(table)


def ranking(documents: Iterable[Ranked], *, given: bool) -> Any:
    """A table of documents in order; `given` adds their log-probabilities as they are drawn."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=given, header_style="dim")
    table.add_column("", justify="right", style="dim")
    table.add_column("")
    table.add_column("log p", justify="right")
    if given:
        table.add_column("given", justify="right")
    for rank, document in enumerate(documents, start=1):
        columns = [document.logprob, document.logprob_drawn] if given else [document.logprob]
        figures = [f"{logprob:.3f}" for logprob in columns]
        table.add_row(str(rank), cell(document.text), *figures)
    return table
