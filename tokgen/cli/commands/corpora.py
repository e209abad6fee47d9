"""`tokgen corpora`: what corpora there are, what they hold, whether they are sound."""

from __future__ import annotations

from dataclasses import asdict
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tokgen import registry
from tokgen.cli.arguments import JsonArgument, WhereArgument
from tokgen.cli.plugin_files import taking_plugins
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.bars import bar, percent
from tokgen.corpus.card import open_package
from tokgen.corpus.corpus import Corpus, open_corpus
from tokgen.corpus.report import CorpusReport, check, pair_shares, report, sample
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, TokgenError
from tokgen.plugin_api.options import parse_assignments
from tokgen.unicode import inert

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show and check corpora.")

BAR_WIDTH = 30
SAMPLES = 8

NameArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A corpus or text file.")]


@app.command("list")
def list_corpora(json: JsonArgument = False) -> None:
    """List the corpora that are installed."""
    rows = [_row(found) for found in registry.find_plugins() if found.kind == "corpora"]
    if json:
        for row in rows:
            print_json(row)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "documents", "title", "licence", "distribution"):
        table.add_column(heading, justify="right" if heading == "documents" else "left")
    for row in rows:
        documents = f"{row['documents']:,}" if row["documents"] else ""
        cells = (row["name"], documents, row["title"], row["license"], row["distribution"])
        table.add_row(*(inert(str(cell)) for cell in cells))
    output_console().print(table)


def _row(found: registry.FoundPlugin) -> dict[str, Any]:
    row = {"name": found.name, "distribution": found.distribution, "version": found.version}
    try:
        card = open_package(found.name).card
    except TokgenError as error:
        return {**row, "documents": None, "title": str(error), "license": "", "status": "broken"}
    described = {"documents": card.data.rows, "title": card.title, "license": card.license}
    return {**row, **described, "status": "available"}


@app.command()
@taking_plugins
def show(
    name: NameArgument = DEFAULT_CORPUS,
    where: WhereArgument = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw pairs and lengths.")
    ] = None,
    json: JsonArgument = False,
) -> None:
    """Show what a corpus holds: counts, samples, letters and lengths."""
    corpus = open_corpus(name, parse_assignments(where or []))
    described = report(corpus)
    if plot is not None:
        from tokgen.text_model import plots

        symbols, shares = pair_shares(corpus)
        plots.corpus(symbols, shares, described.lengths, plot)
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
    console.print(f"{described.documents:,} documents{repeated} ({splits})")
    if corpus.where:
        chosen = ", ".join(f"{column}={value}" for column, value in corpus.where.items())
        console.print(inert(f"only {chosen}"))


def _column(corpus: Corpus, column: str, counts: dict[str, int]) -> Table:
    from rich.table import Table

    total = sum(counts.values())
    widths = (max(map(len, (column, *counts))), len(f"{max(counts.values()):,}"), len("100.0 %"))
    room = output_console().width - sum(widths) - 2 * len(widths)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(inert(column))
    table.add_column("rows", justify="right")
    table.add_column("", justify="right")
    table.add_column("for example", style="dim")
    for value, count in counts.items():
        examples = _fitting(sample(corpus.filtered({column: value}), SAMPLES), room)
        table.add_row(inert(value), f"{count:,}", percent(count / total), inert(examples))
    return table


def _fitting(words: list[str], room: int) -> str:
    """As many whole words as fit into a line of `room` characters."""
    ends = accumulate(len(word) + 1 for word in words)
    return " ".join(word for word, end in zip(words, ends, strict=True) if end <= room + 1)


def _histogram(heading: str, counts: dict[str, int]) -> Table:
    from rich.table import Table

    total, peak = sum(counts.values()), max(counts.values())
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(heading, justify="right")
    table.add_column("", justify="right")
    table.add_column("", style="cyan", no_wrap=True)
    for value, count in counts.items():
        table.add_row(inert(value), percent(count / total), bar(count / peak, BAR_WIDTH))
    return table


@app.command("check")
@taking_plugins
def check_corpus(name: NameArgument = DEFAULT_CORPUS, json: JsonArgument = False) -> None:
    """Check a corpus: encoding, hash, columns, duplicates, lengths, alphabet."""
    findings = check(open_corpus(name))
    if json:
        for finding in findings:
            print_json(asdict(finding))
    else:
        _print_findings(findings)
    problems = [finding for finding in findings if finding.problem]
    if problems:
        first = problems[0]
        raise RequestError(
            f"{name!r}: {len(problems)} of {len(findings)} checks found something: "
            f"{first.checked}: {first.problem}"
        )


def _print_findings(findings: list[Any]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        mark = "✗" if finding.problem else "✓"
        table.add_row(mark, finding.checked, inert(finding.problem or finding.found))
    output_console().print(table)
