"""`tokgen generate`: documents from a model, to standard output or a file."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from tokgen.cli.arguments import (
    ConditionOptions,
    MemoryArgument,
    ModelChoice,
    Sampling,
    SeedArgument,
    drawn_seed,
)
from tokgen.cli.bundles import bundled
from tokgen.cli.file_roles import FileRole
from tokgen.cli.opening import open_model, say_if_spelling_is_fixed
from tokgen.cli.progress import GenerationProgress, waiting
from tokgen.cli.terminal import json_line, say
from tokgen.errors import TokgenError
from tokgen.exact.memory import budget
from tokgen.files import WritingInterrupted, text_to, writing_keeping_partial
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import CUT_AT, GenerationRequest
from tokgen.text_model.results import Generated
from tokgen.text_model.results_json import generated_as_json
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import inert, on_one_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

CRLF = "\r\n"
FORMAT_HELP = r"How to write them; in text, a line break in a document is written \n or \r."


class Format(StrEnum):
    """How generated documents are written."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


@bundled
def generate(
    count: Annotated[int, typer.Option("-n", "--count", min=0, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    sampling: Sampling = Sampling(),
    max_length: Annotated[
        int | None,
        typer.Option("--max-length", min=0, help=f"Cut what has more tokens (default: {CUT_AT})."),
    ] = None,
    conditioning: ConditionOptions = ConditionOptions(),
    unique: Annotated[bool, typer.Option("--unique", help="No repeats.")] = False,
    format: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", help="A file to write."), FileRole.written
    ] = None,
    explain_plan: Annotated[
        bool, typer.Option("--explain-plan", help="Say which method makes them, and why.")
    ] = False,
    memory: MemoryArgument = None,
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
    request = GenerationRequest(
        count, prefix, seed, chain, conditions, unique, max_length, budget(memory)
    )
    # A terminal gets documents one by one, since what would act there is made visible.
    lines = format is Format.text and not (output is None and sys.stdout.isatty())
    with waiting("computing"):
        generation = text_model.generation(request)
        plan = generation.plan
        chunks = generation.lines() if lines else None
    say_if_spelling_is_fixed(generation.given)
    if explain_plan:
        say(f"method {plan.method}: {plan.reason}")
    if chunks is not None:
        with _opened(output) as file:
            _write_chunks(file, chunks, count)
        return
    written = _write_documents(generation.documents(), output, format, text_model)
    if plan.method is Method.rejection:
        rejection = plan.documents.rejection
        say(f"{rejection.accepted:,} of {rejection.proposed:,} drawn documents met the conditions")
        if rejection.unfinished:
            say(
                f"{rejection.unfinished:,} had not ended after {rejection.room:,} tokens and were "
                "passed over, so that no longer document is among these"
            )
    if written < count:
        raise TokgenError(f"Only {written:,} of {count:,} documents: there are no others.")


def _write_documents(
    documents: Iterator[Generated], output: Path | None, format: Format, model: TextModel
) -> int:
    """Write documents, and tell how many there were; the file is opened when the first is there."""
    with waiting("looking for documents"):
        first = next(documents, None)
    with _opened(output) as file:
        given = itertools.chain([] if first is None else [first], documents)
        return _WRITERS[format](file, given, model)


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
    shown = inert if file.isatty() else on_one_line
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write((shown(document.text) + "\n").encode())
    return count


def _write_jsonl(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        file.write((json_line(_row(document, model)) + "\n").encode())
    return count


def _write_csv(file: BinaryIO, documents: Iterator[Generated], model: TextModel) -> int:
    shown = inert if file.isatty() else str
    writer = csv.writer(_LineFeeds(text_to(file)), lineterminator=CRLF)
    writer.writerow(["text", "logprob", "logprob_drawn", "novel", "finished", "finish_reason"])
    count = 0
    for count, document in enumerate(documents, start=1):  # noqa: B007
        row = _row(document, model)
        writer.writerow([shown(document.text), *list(row.values())[1:]])
    return count


@dataclass(frozen=True)
class _LineFeeds:
    """Ends rows with a line feed that come with CRLF: csv quotes what it ends rows with alone."""

    file: SupportsWrite[str]

    def write(self, row: str) -> None:
        """Write a row."""
        self.file.write(row.removesuffix(CRLF) + "\n")


def _row(document: Generated, model: TextModel) -> dict[str, object]:
    return generated_as_json(document, model.is_novel(document.text))


_WRITERS = {Format.text: _write_text, Format.jsonl: _write_jsonl, Format.csv: _write_csv}
