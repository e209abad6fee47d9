"""`tokgen tree`: the generation tree as text, SVG or dot."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case_of
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, open_prefix
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.titles import title_of
from tokgen.cli.views.tree import show_tree
from tokgen.cli.views.tree_pictures import (
    as_dot,
    as_svg,
)
from tokgen.generation.growth import Growth
from tokgen.text_model.results_json import told_as_json, tree_as_json
from tokgen.text_model.tree import generation_tree


class TreeFormat(StrEnum):
    """How a tree is drawn."""

    text = "text"
    svg = "svg"
    dot = "dot"


@bundled
def tree(
    prefix: Annotated[str, typer.Argument(help="Text at which the tree begins.")] = "",
    depth: Annotated[int, typer.Option("--depth", min=1, max=8, help="Levels of the tree.")] = 3,
    width: Annotated[
        int, typer.Option("--width", min=1, max=30, help="Branches of each node.")
    ] = 3,
    format: Annotated[
        TreeFormat | None, typer.Option("--format", help="Output format (default: text).")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the tree (PNG, SVG)."),
        FileRole.picture,
    ] = None,
    sampling: Sampling = Sampling(),
    chosen: SpeakingModel = SpeakingModel(),
    json: JsonArgument = False,
) -> None:
    """Draw the generation tree after PREFIX: each token's probability, and that of its path."""
    if json:
        without_effect("with --json", {"--format": format})
    chain = sampling.chain()
    text_model = open_model(chosen.request())
    hint_at_case_of(text_model, prefix)
    given = open_prefix(text_model, prefix)
    growth = Growth.begin(text_model.model, chain, given.beginning)
    root = generation_tree(text_model.tokenizer, growth, depth, width)
    if plot is not None:
        from tokgen.text_model import plots

        plots.save(plots.tree(root, title_of(text_model, prefix, chain)), plot)
    if json:
        print_json({**tree_as_json(root), **told_as_json(text_model.given)})
    elif plot is not None and format is None:
        return
    elif format in (None, TreeFormat.text):
        show_tree(output_console(), root, {})
    else:
        print(as_dot(root) if format is TreeFormat.dot else as_svg(root))
