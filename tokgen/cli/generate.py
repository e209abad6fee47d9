"""`tokgen generate`: documents from a model, to standard output or a file."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from tokgen.cli.arguments import (
    CheckpointArgument,
    CorpusArgument,
    MinPArgument,
    ModelArgument,
    OptionsArgument,
    SamplerArgument,
    SeedArgument,
    TopKArgument,
    TopPArgument,
    WhereArgument,
    chain_from,
    drawn_seed,
    request_from,
)
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import inert, say
from tokgen.errors import RequestError, TokgenError
from tokgen.text_model import Generated, TextModel


class Format(StrEnum):
    """How generated documents are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


def generate(
    count: Annotated[int, typer.Option("-n", "--count", min=0, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    temp: Annotated[float, typer.Option("--temp", min=0.0, help="Temperature.")] = 1.0,
    top_k: TopKArgument = None,
    top_p: TopPArgument = None,
    min_p: MinPArgument = None,
    sampler: SamplerArgument = None,
    max_length: Annotated[int, typer.Option("--max-length", min=0, help="Most tokens.")] = 64,
    novel: Annotated[bool, typer.Option("--novel", help="None that the corpus holds.")] = False,
    unique: Annotated[bool, typer.Option("--unique", help="No repeats.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to write them.")] = Format.text,
    output: Annotated[Path | None, typer.Option("--output", help="A file to write.")] = None,
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    checkpoint: CheckpointArgument = None,
    where: WhereArgument = None,
    option: OptionsArgument = None,
    seed: SeedArgument = None,
) -> None:
    """Generate documents: names and words like the ones in the corpus."""
    chain = chain_from(sampler, top_k=top_k, top_p=top_p, min_p=min_p, temperature=temp)
    text_model = open_model(request_from(corpus, model, checkpoint, where, option))
    if seed is None:
        seed = drawn_seed()
        say(f"seed {seed}")
    documents = text_model.generate(
        count,
        prefix=prefix,
        seed=seed,
        samplers=chain,
        max_length=max_length,
        novel=novel,
        unique=unique,
    )
    with _opened(output) as file:
        written = _WRITERS[format](file, documents, text_model)
    if written < count:
        raise TokgenError(
            f"Only {written} of {count} documents: too many candidates were rejected in a row."
        )


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise RequestError(f"Cannot write {str(output)!r}: {error.strerror}.") from None


def _write_text(file: TextIO, documents: Iterator[Generated], model: TextModel) -> int:
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write(inert(document.text) + "\n")
    return count


def _write_jsonl(file: TextIO, documents: Iterator[Generated], model: TextModel) -> int:
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write(json.dumps(_row(document, model), ensure_ascii=False) + "\n")
    return count


def _write_csv(file: TextIO, documents: Iterator[Generated], model: TextModel) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["text", "logprob", "logprob_drawn", "novel", "finished"])
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        row = _row(document, model)
        writer.writerow([inert(document.text), *list(row.values())[1:]])
    return count


def _row(document: Generated, model: TextModel) -> dict[str, object]:
    return {
        "text": document.text,
        "logprob": document.logprob,
        "logprob_drawn": document.logprob_drawn,
        "novel": document.text not in model.known,
        "finished": document.finished,
    }


_WRITERS = {Format.text: _write_text, Format.jsonl: _write_jsonl, Format.csv: _write_csv}
