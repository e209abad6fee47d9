"""`tokgen top`: the most probable documents, exactly, in order."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from tokgen.chain import MAX_STATES
from tokgen.cli.arguments import (
    CheckpointArgument,
    ContainsArgument,
    CorpusArgument,
    JsonArgument,
    LengthArgument,
    MaxStatesArgument,
    MinPArgument,
    ModelArgument,
    NovelArgument,
    OptionsArgument,
    PatternArgument,
    SamplerArgument,
    SuffixArgument,
    TemperatureArgument,
    TopKArgument,
    TopPArgument,
    WhereArgument,
    chain_from,
    conditions_from,
    request_from,
)
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import inert, output_console, print_json
from tokgen.errors import RequestError


def top(
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    temp: TemperatureArgument = 1.0,
    top_k: TopKArgument = None,
    top_p: TopPArgument = None,
    min_p: MinPArgument = None,
    sampler: SamplerArgument = None,
    length: LengthArgument = None,
    pattern: PatternArgument = None,
    suffix: SuffixArgument = None,
    contains: ContainsArgument = None,
    novel: NovelArgument = False,
    max_states: MaxStatesArgument = MAX_STATES,
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    checkpoint: CheckpointArgument = None,
    where: WhereArgument = None,
    option: OptionsArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the most probable documents in order; log-probabilities include the prefix."""
    from rich.table import Table

    chain = chain_from(sampler, top_k=top_k, top_p=top_p, min_p=min_p, temperature=temp)
    conditions = conditions_from(length, pattern, suffix, contains, novel)
    text_model = open_model(request_from(corpus, model, checkpoint, where, option))
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
