"""`tokgen embeddings`: a map of the embedding table, its figures, neighbours, analogies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.embedding_map import show_map
from tokgen.cli.views.embeddings import embedding_table, similar
from tokgen.errors import RequestError
from tokgen.text_model.embedding_map import EmbeddingMap
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import (
    Similar,
    analogy,
    better_map,
    initial_space_of,
    neighbours,
    space_of,
)
from tokgen.text_model.results_json import embeddings_as_json, similar_as_json


@bundled
def embeddings(
    near: Annotated[
        list[str] | None,
        typer.Option(
            "--near", metavar="SYMBOL", help="Show the nearest neighbours of this symbol."
        ),
    ] = None,
    analogies: Annotated[
        str | None,
        typer.Option(
            "--analogy", metavar="A:B::C", help="Answer: A is to B as C is to which symbol?"
        ),
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="Show the numbers of the table.")] = False,
    initial: Annotated[
        bool, typer.Option("--initial", help="Show the table as it was before training.")
    ] = False,
    both: Annotated[
        bool, typer.Option("--both", help="Show the tables before and after training on one map.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the map (PNG, SVG)."),
        FileRole.picture,
    ] = None,
    chosen: ModelChoice = ModelChoice(),
    json: JsonArgument = False,
) -> None:
    """Show a model's embeddings on a map; its table, neighbours of a symbol, analogies."""
    if both and initial:
        raise RequestError("--both shows the table before and after; --initial the one before.")
    if both:
        asked = {"--table": table or None, "--near": near, "--analogy": analogies}
        without_effect("with --both, which is a map", asked)
    if json:
        without_effect("with --json, which prints the numbers", {"--table": table or None})
    text_model = open_model(chosen.request())
    space = initial_space_of(text_model) if initial else space_of(text_model)
    shown = space.map(initial_space_of(text_model) if both else None)
    if plot is not None:
        when = " before the training" if initial else ""
        name = text_model.metadata.model.name
        _plot(f"embeddings of {name}{when}: {shown.what}", shown, plot)
    found = [neighbours(space, symbol) for symbol in near or []]
    found += [analogy(space, analogies)] if analogies is not None else []
    if json:
        for row in map(similar_as_json, found) if found else embeddings_as_json(space, shown):
            print_json(row)
        return
    _show(space, shown, found, table=table, map_too=plot is None and not table and not found)
    hint = better_map(text_model, shown)
    if hint is not None and not initial and not table and not found:
        say(hint)


def _show(
    space: EmbeddingSpace,
    shown: EmbeddingMap,
    found: list[Similar],
    *,
    table: bool,
    map_too: bool,
) -> None:
    console = output_console()
    for each in found:
        console.print(similar(each))
    if table:
        console.print(embedding_table(space))
    if map_too:
        show_map(console, shown)


def _plot(title: str, shown: EmbeddingMap, path: Path) -> None:
    from tokgen.text_model import plots

    plots.save(plots.embedding_map(shown, title), path)
