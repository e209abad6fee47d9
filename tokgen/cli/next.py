"""`tokgen next`: the distribution over the next token, and what each sampler makes of it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from tokgen.cli.arguments import (
    CheckpointArgument,
    CorpusArgument,
    JsonArgument,
    MinPArgument,
    ModelArgument,
    OptionsArgument,
    SamplerArgument,
    TopKArgument,
    TopPArgument,
    WhereArgument,
    chain_from,
    request_from,
)
from tokgen.cli.distribution import Sort, as_json, columns_of, heading, order_of, table
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.text_model import NextToken


def next_(
    prefix: Annotated[str, typer.Argument(help="What stands before the next token.")] = "",
    temp: Annotated[
        list[float] | None, typer.Option("--temp", min=0.0, help="Temperature; repeat to compare.")
    ] = None,
    top_k: TopKArgument = None,
    top_p: TopPArgument = None,
    min_p: MinPArgument = None,
    sampler: SamplerArgument = None,
    sort: Annotated[Sort, typer.Option("--sort", help="Order of the rows.")] = Sort.probability,
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Show only the first.")] = None,
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    checkpoint: CheckpointArgument = None,
    where: WhereArgument = None,
    option: OptionsArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the distribution over the token after PREFIX."""
    temperatures = temp or [1.0]
    chains = [
        chain_from(
            sampler,
            top_k=top_k,
            top_p=top_p,
            min_p=min_p,
            temperature=each,
            keep_neutral=len(temperatures) > 1,
        )
        for each in temperatures
    ]
    text_model = open_model(request_from(corpus, model, checkpoint, where, option))
    distributions = [text_model.next(prefix, chain) for chain in chains]
    if json:
        for distribution, temperature in zip(distributions, temperatures, strict=True):
            print_json(as_json(distribution, temperature))
        return
    show(distributions, sort, rows)


def show(distributions: list[NextToken], sort: Sort, rows: int | None) -> None:
    """Print the heading and the table of one prefix."""
    console = output_console()
    columns = columns_of(distributions)
    first = distributions[0] if len(distributions) == 1 else distributions[0].without_chain()
    order = order_of(first.logprobs, sort)
    console.print(heading(first))
    console.print()
    console.print(table(columns, order[:rows], first.symbols, console.width))
    hidden = order[rows:] if rows else order[:0]
    if len(hidden):
        left = np.exp(first.drawn_from[hidden]).sum()
        console.print(f"… {len(hidden)} more, {100 * left:.1f} %", style="dim")
