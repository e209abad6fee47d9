"""`tokgen next`: the distribution over the next token, and what each sampler makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case_of
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, open_prefix
from tokgen.cli.sampling_options import Truncation
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.titles import title_of
from tokgen.cli.views.distribution import Sort, lines_beside, show_comparison, show_distribution
from tokgen.cli.views.explanation import show_explanation
from tokgen.cli.views.fitting import rows_that_fit
from tokgen.plugin_api.explanation import Explanation
from tokgen.session.comparison import Compared, Comparison
from tokgen.text_model.results import NextToken
from tokgen.text_model.results_json import Listing, explanation_as_json, next_as_json
from tokgen.unit import Unit


@bundled
def next_(
    prefix: Annotated[str, typer.Argument(help="Text that stands before the next token.")] = "",
    temp: Annotated[
        list[float] | None,
        typer.Option("--temp", min=0.0, help="Temperature; repeat the option to compare several."),
    ] = None,
    truncation: Truncation = Truncation(),
    sort: Annotated[Sort, typer.Option("--sort", help="Order of the rows.")] = Sort.probability,
    rows: Annotated[
        int | None,
        typer.Option(
            "--rows",
            min=1,
            help="Show only the first N rows (default on a terminal: as many as fit).",
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show step by step how the model computes the distribution."
        ),
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Draw the distribution (PNG, SVG); with --explain, the model's attention or "
            "parts, if it has any.",
        ),
        FileRole.picture,
    ] = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the distribution over the token after PREFIX."""
    check_unit(unit, json=json)
    unit = unit or Unit.bits
    temperatures = temp or [1.0]
    chains = [
        truncation.chain_at(each, keep_neutral=len(temperatures) > 1) for each in temperatures
    ]
    text_model = open_model(chosen.request())
    hint_at_case_of(text_model, prefix)
    given = open_prefix(text_model, prefix)
    distributions = [text_model.next_after(given.beginning, chain) for chain in chains]
    steps = text_model.explain_after(given.beginning) if explain else []
    if plot is not None:
        titled = chains[0] if len(chains) == 1 else truncation.chain_at(1.0)
        _plot(title_of(text_model, prefix, titled), distributions, temperatures, steps, plot)
    if json:
        listing = Listing(sort is Sort.alphabet, rows)
        explained = {"explanation": [*map(explanation_as_json, steps)]} if explain else {}
        for distribution, chain in zip(distributions, chains, strict=True):
            print_json(next_as_json(distribution, chain.temperature, listing) | explained)
        return
    console = output_console()
    rows = rows or rows_that_fit(console, lines_beside(distributions[0], len(distributions)))
    if len(distributions) == 1:
        show_distribution(console, distributions[0], sort, rows, unit)
    else:
        name = text_model.metadata.model.name
        pairs = zip(distributions, temperatures, strict=True)
        columns = tuple(Compared(distribution, t, name) for distribution, t in pairs)
        show_comparison(console, Comparison(columns, sort.value, rows), unit)
    if explain:
        console.print()
        show_explanation(console, distributions[0], steps)


def _plot(
    title: str,
    shown: list[NextToken],
    temperatures: list[float],
    steps: list[Explanation],
    path: Path,
) -> None:
    from tokgen.text_model import plots

    if any(map(plots.is_table_of_shares, steps)):
        figure = plots.explanations(steps, title)
    elif len(shown) == 1:
        figure = plots.distribution(shown[0], title)
    else:
        titles = [f"T {each:g}" for each in temperatures]
        columns = [(t, each.probs) for t, each in zip(titles, shown, strict=True)]
        figure = plots.distributions(shown[0].symbols, columns, title)
    plots.save(figure, path)
