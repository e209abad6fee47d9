"""`tokgen generate`: documents from a model, to standard output or a file."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, TypedDict

import typer

from tokgen.cli.arguments import (
    Conditioning,
    MaxStatesArgument,
    ModelChoice,
    Sampling,
    SeedArgument,
    drawn_seed,
)
from tokgen.cli.bundles import bundled
from tokgen.cli.opening import open_model
from tokgen.cli.progress import GenerationProgress, waiting
from tokgen.cli.terminal import say
from tokgen.errors import RequestError, TokgenError
from tokgen.exact.conditions import Conditions
from tokgen.exact.state_numbers import MAX_STATES
from tokgen.files import WritingInterrupted, text_to, writing_keeping_partial
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.text_model.results import Generated
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import inert

MANY = 2000
CUT_AT = 64


class Format(StrEnum):
    """How generated documents are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


class _Asked(TypedDict):
    """What both ways of generating are told."""

    prefix: str
    seed: int
    samplers: SamplerChain
    max_length: int
    conditions: Conditions
    max_states: int


@bundled
def generate(
    count: Annotated[int, typer.Option("-n", "--count", min=0, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    sampling: Sampling = Sampling(),
    max_length: Annotated[
        int | None,
        typer.Option("--max-length", min=0, help=f"Cut what has more tokens (default: {CUT_AT})."),
    ] = None,
    conditioning: Conditioning = Conditioning(),
    unique: Annotated[bool, typer.Option("--unique", help="No repeats.")] = False,
    format: Annotated[Format, typer.Option("--format", help="How to write them.")] = Format.text,
    output: Annotated[Path | None, typer.Option("--output", help="A file to write.")] = None,
    max_states: MaxStatesArgument = MAX_STATES,
    chosen: ModelChoice = ModelChoice(),
    seed: SeedArgument = None,
) -> None:
    """Generate documents: names and words like the ones in the corpus."""
    chain = sampling.chain()
    text_model = open_model(chosen.request())
    if seed is None:
        seed = drawn_seed()
        say(f"seed {seed}")
    conditions = conditioning.conditions()
    asked = _Asked(
        prefix=prefix,
        seed=seed,
        samplers=chain,
        max_length=_room(max_length, whole=bool(conditions) or unique),
        conditions=conditions,
        max_states=max_states,
    )
    lines = format is Format.text and count >= MANY and not unique
    with waiting("computing"):
        chunks = text_model.text_chunks(count, **asked) if lines else None
    if chunks is not None:
        with _opened(output) as file:
            _write_chunks(file, chunks, count)
        return
    documents = text_model.generate(count, unique=unique, **asked)
    with waiting("looking for documents"):
        first = next(documents, None)
    with _opened(output) as file:
        given = itertools.chain([] if first is None else [first], documents)
        written = _WRITERS[format](file, given, text_model)
    if written < count:
        raise TokgenError(f"Only {written:,} of {count:,} documents: there are no others.")


def _room(max_length: int | None, *, whole: bool) -> int:
    """After how many tokens a document is cut, where not all are to be whole."""
    if max_length is not None and whole:
        raise RequestError(
            "Given a condition or --unique no document is cut, so --max-length cannot be given; "
            f"--length ..{max_length} asks for short ones."
        )
    return CUT_AT if max_length is None else max_length


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        return
    try:
        with writing_keeping_partial(output) as file:
            yield file
    except WritingInterrupted as interrupted:
        say(str(interrupted))
        raise


def _write_chunks(file: BinaryIO, chunks: Iterator[bytes], count: int) -> None:
    """Write lines as they come, with a bar where somebody watches and the output goes elsewhere."""
    watched = sys.stderr.isatty() and not file.isatty()
    with GenerationProgress(count) if watched else nullcontext() as progress:
        for chunk in chunks:
            file.write(chunk)
            if progress is not None:
                progress.advance(chunk.count(b"\n"))


def _write_text(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    # A file gets the text itself; only a terminal is protected from what it would do there.
    shown = inert if file.isatty() else str
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write((shown(document.text) + "\n").encode())
    return count


def _write_jsonl(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write((json.dumps(_row(document, model), ensure_ascii=False) + "\n").encode())
    return count


def _write_csv(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    shown = inert if file.isatty() else str
    writer = csv.writer(text_to(file), lineterminator="\n")
    writer.writerow(["text", "logprob", "logprob_drawn", "novel", "finished"])
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        row = _row(document, model)
        writer.writerow([shown(document.text), *list(row.values())[1:]])
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
