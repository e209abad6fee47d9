"""`tokgen embeddings`: the embedding table, neighbours, analogies, and a map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from tokgen.arrays import Floats
from tokgen.cli.arguments import JsonArgument
from tokgen.cli.bundles import bundled
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import ModelChoice
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.table import Column, Table, figures
from tokgen.errors import RequestError, needing_torch
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.symbols import symbol_meant
from tokgen.unicode import inert, nfc, shown_symbol

if TYPE_CHECKING:
    from tokgen.text_model.text_model import TextModel

SHOWN, NEIGHBOURS = 8, 5
SHADES = " ░▒▓█"


@bundled
def embeddings(
    near: Annotated[
        list[str] | None, typer.Option("--near", metavar="SYMBOL", help="Its neighbours.")
    ] = None,
    analogy: Annotated[
        str | None, typer.Option("--analogy", metavar="A:B::C", help="A is to B as C is to …?")
    ] = None,
    initial: Annotated[
        bool, typer.Option("--initial", help="The table as it was before the training.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw a map (PNG, SVG)."),
        FileRole.picture,
    ] = None,
    chosen: ModelChoice = ModelChoice(),
    json: JsonArgument = False,
) -> None:
    """Show a model's embedding table, nearest neighbours of a symbol, analogies, a map."""
    text_model = open_model(chosen.request())
    space = _space(text_model, initial)
    if plot is not None:
        from tokgen.text_model.plots import embedding_map

        how = "" if space.table.shape[1] <= 2 else ", by PCA"
        embedding_map(space.symbols, space.flat(), f"embeddings{how}", plot)
    found = [
        (f"near {symbol}", space.neighbours(symbol_meant(symbol, space.symbols), NEIGHBOURS))
        for symbol in map(nfc, near or [])
    ]
    if analogy is not None:
        analogy = nfc(analogy)
        words = [symbol_meant(word, space.symbols) for word in _parsed(analogy)]
        found.append((analogy, space.analogy(words, NEIGHBOURS)))
    if json:
        for row in _rows(space) if not found else map(_found_json, found):
            print_json(row)
    elif found:
        for title, pairs in found:
            said = "  ".join(f"{shown_symbol(symbol)} {value:.3f}" for symbol, value in pairs)
            output_console().print(f"{inert(title)}  →  {said}")
    elif plot is None:
        output_console().print(_table(space))


def _space(text_model: TextModel, initial: bool) -> EmbeddingSpace:
    model, metadata = text_model.model, text_model.metadata
    if initial:
        with needing_torch(f"Making the initial weights of the model {metadata.model.name!r}"):
            begun = type(model).initial(model.options, model.vocabulary, metadata.recipe.seed)
        table = None if begun is None else begun.embedding_table()
    else:
        table = model.embedding_table()
    if table is None:
        raise RequestError(f"The model {metadata.model.name!r} has no embedding table.")
    return EmbeddingSpace(text_model.tokenizer.symbols, table)


def _parsed(text: str) -> list[str]:
    words = text.replace("::", ":").split(":")
    if len(words) != 3 or not all(words):
        raise RequestError(f"An analogy is written a:e::k, not {text!r}.")
    return words


def _rows(space: EmbeddingSpace) -> list[dict[str, Any]]:
    points = space.flat()
    return [
        {"token": symbol, "embedding": row.tolist(), "map": point.tolist()}
        for symbol, row, point in zip(space.symbols, space.table, points, strict=True)
    ]


def _found_json(found: tuple[str, list[tuple[str, float]]]) -> dict[str, Any]:
    title, pairs = found
    return {"asked": title, "found": [{"token": s, "cosine": value} for s, value in pairs]}


def _table(space: EmbeddingSpace) -> Table:
    dimensions = space.table.T
    columns = [
        figures([f"{value:.2f}" for value in each.tolist()], str(number))
        for number, each in enumerate(dimensions[:SHOWN], start=1)
    ]
    if len(dimensions) > SHOWN:
        columns.append(Column(_shades(space.table), "all, the darker the larger"))
    return Table([Column([*map(shown_symbol, space.symbols)], is_key=True), *columns])


def _shades(table: Floats) -> list[str]:
    """Each row of a table (V, K) as K characters."""
    shares = np.abs(table) / (np.abs(table).max() or 1.0)
    return ["".join(SHADES[round(share * 4)] for share in row) for row in shares.tolist()]
