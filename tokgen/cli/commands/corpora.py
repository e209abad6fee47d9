"""`tokgen corpora`: what corpora there are, what they hold, whether they are sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any

import typer

from tokgen import registry
from tokgen.cli import candidates
from tokgen.cli.arguments import ColumnArgument, JsonArgument, WhereArgument
from tokgen.cli.file_roles import FileRole, checking_files
from tokgen.cli.listing import CommandListing
from tokgen.cli.plugin_files import taking_plugins
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.histogram import histogram
from tokgen.cli.views.table import LEAST_TEXT, Column, Table, figures, room_beside
from tokgen.corpus.card import open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.corpus.report import CorpusReport, check, pair_shares, report, sample
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, TokgenError, counted
from tokgen.percentages import percent
from tokgen.plugin_api.options import parse_assignments
from tokgen.unicode import inert

app = typer.Typer(cls=CommandListing, no_args_is_help=True, rich_markup_mode=None)

NOT_CHECKED = "Not checked here are the licence, the checkpoints and the package"
BAR_WIDTH = 30
SAMPLES = 8

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE", help="A corpus or text file.", autocompletion=candidates.corpora
    ),
]


@app.command("list")
def list_corpora(json: JsonArgument = False) -> None:
    """List the corpora that are installed."""
    rows = [_row(found) for found in registry.find_plugins() if found.kind == "corpora"]
    if json:
        for row in rows:
            print_json(row)
        return
    output_console().print(_listed(rows))


def _listed(rows: Sequence[Mapping[str, Any]]) -> Table:
    def column(key: str, heading: str) -> Column:
        return Column([inert(row[key]) for row in rows], heading, least=LEAST_TEXT)

    documents = [f"{row['documents']:,}" if row["documents"] else "" for row in rows]
    return Table(
        [
            replace(column("name", "name"), is_key=True),
            figures(documents, "documents"),
            column("title", "title"),
            column("license", "licence"),
            column("distribution", "distribution"),
        ]
    )


def _row(found: registry.FoundPlugin) -> dict[str, Any]:
    row = {"name": found.name, "distribution": found.distribution, "version": found.version}
    try:
        card = open_package(found.name).card
    except TokgenError as error:
        return {**row, "documents": None, "title": str(error), "license": "", "status": "broken"}
    described = {"documents": card.data.rows, "title": card.title, "license": card.license}
    return {**row, **described, "status": "available"}


@app.command()
@checking_files
@taking_plugins
def show(
    name: NameArgument = DEFAULT_CORPUS,
    column: ColumnArgument = None,
    where: WhereArgument = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="FILE", help="Draw pairs of symbols and lengths (PNG, SVG)."
        ),
        FileRole.picture,
    ] = None,
    json: JsonArgument = False,
) -> None:
    """Show what a corpus holds: counts, samples, letters and lengths."""
    corpus = open_corpus(name, parse_assignments(where or []), column)
    described = report(corpus)
    if plot is not None:
        from tokgen.text_model import plots

        symbols, shares = pair_shares(corpus)
        title = f"{corpus.name}: {counted(len(corpus.documents), 'document')}"
        plots.save(plots.corpus(symbols, shares, described.lengths, title), plot)
    if json:
        card = corpus.card.model_dump() if corpus.card else None
        print_json({"name": corpus.name, "card": card, **asdict(described)})
        return
    console = output_console()
    _print_card(corpus, described)
    for column, counts in described.columns.items():
        console.print()
        console.print(_column(corpus, column, counts))
    console.print()
    console.print(_histogram("length", {str(k): v for k, v in described.lengths.items()}))
    console.print()
    console.print(_histogram("letter", described.letters))
    if not described.columns:
        console.print()
        console.print("samples: " + inert(" ".join(sample(corpus, 3 * SAMPLES))), style="dim")


def _print_card(corpus: Corpus, described: CorpusReport) -> None:
    console = output_console()
    console.print(inert(corpus.card.title if corpus.card else corpus.name), style="bold")
    if corpus.card:
        card = corpus.card
        console.print(inert(f"licence {card.license}, language {card.language}"))
        console.print(inert(card.source))
        made = f"tokenizer {card.tokenizer}, default model {card.model}"
        console.print(inert(made), style="dim")
    splits = ", ".join(f"{name} {count:,}" for name, count in described.splits.items())
    repeats = described.documents - described.distinct
    repeated = f", {repeats:,} of them repeats" if repeats else ""
    console.print(f"{counted(described.documents, 'document')}{repeated} ({splits})")
    if corpus.where:
        chosen = ", ".join(f"{column}={value}" for column, value in corpus.where.items())
        console.print(inert(f"only {chosen}"))


def _column(corpus: Corpus, column: str, counts: dict[str, int]) -> Table:
    total = sum(counts.values())
    known = [
        Column([*map(inert, counts)], inert(column), is_key=True, least=LEAST_TEXT),
        figures([f"{count:,}" for count in counts.values()], "rows"),
        figures([percent(count / total) for count in counts.values()]),
    ]
    room = max(room_beside(known, output_console().width), LEAST_TEXT)
    examples = [
        _fitting(sample(corpus.filtered({column: value}), SAMPLES), room) for value in counts
    ]
    return Table([*known, Column(examples, "for example", style="dim", least=LEAST_TEXT)])


def _fitting(words: Sequence[str], room: int) -> str:
    """The first word and as many more as fit into a line of `room` cells."""
    from rich.cells import cell_len

    shown = [inert(word) for word in words]
    ends = accumulate(cell_len(word) + 1 for word in shown)
    fitting = sum(end <= room + 1 for end in ends)
    return " ".join(shown[: max(fitting, 1)])


def _histogram(heading: str, counts: Mapping[str, int]) -> Table:
    total = sum(counts.values())
    shares = {value: count / total for value, count in counts.items()}
    width = output_console().width
    return histogram(heading, shares, max(shares.values()), BAR_WIDTH, width)


@app.command("check")
@taking_plugins
def check_corpus(
    name: NameArgument = DEFAULT_CORPUS, column: ColumnArgument = None, json: JsonArgument = False
) -> None:
    """Check a corpus: encoding, hash, columns, duplicates, lengths, alphabet.

    `tokgen plugins check NAME` holds the package of an installed corpus to its whole contract.
    """
    corpus = open_corpus(name, column=column)
    findings = check(corpus)
    if json:
        for finding in findings:
            print_json(asdict(finding))
    else:
        _print_findings(findings)
    if corpus.package is not None:
        say(f"{NOT_CHECKED}: tokgen plugins check {name}")
    problems = [finding for finding in findings if finding.problem]
    if problems:
        first = problems[0]
        raise RequestError(
            f"{name!r}: {len(problems)} of {len(findings)} checks found something: "
            f"{first.checked}: {first.problem}"
        )


def _print_findings(findings: list[Any]) -> None:
    marks = ["✗" if finding.problem else "✓" for finding in findings]
    said = [inert(finding.problem or finding.found) for finding in findings]
    columns = [
        Column(marks, is_key=True),
        Column([finding.checked for finding in findings], least=LEAST_TEXT),
        Column(said, least=LEAST_TEXT),
    ]
    output_console().print(Table(columns))
