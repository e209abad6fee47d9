"""`tokgen generate`: documents from a model, to standard output or a file."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from tokgen.cli.arguments import MemoryArgument, SeedArgument, drawn_seed, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case
from tokgen.cli.condition_options import ConditionOptions
from tokgen.cli.document_formats import WRITERS, Format, Order, write_side_by_side
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, say_if_spelling_is_fixed
from tokgen.cli.progress import GenerationProgress, waiting
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.terminal import say
from tokgen.errors import TokgenError, counted
from tokgen.exact.memory import budget
from tokgen.files import WritingInterrupted, writing_keeping_partial
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import CUT_AT, GenerationRequest, usual_count
from tokgen.text_model.results import Generated
from tokgen.text_model.text_model import TextModel

FORMAT_HELP = r"How to write them; in text, a line break in a document is written \n or \r."


@bundled
def generate(
    count: Annotated[
        int | None,
        typer.Option("-n", "--count", min=0, help="How many (default: 10; of a beam, all)."),
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="What each begins with.")] = "",
    sampling: Sampling = Sampling(),
    max_length: Annotated[
        int | None,
        typer.Option("--max-length", min=0, help=f"Cut what has more tokens (default: {CUT_AT})."),
    ] = None,
    conditioning: ConditionOptions = ConditionOptions(),
    unique: Annotated[bool, typer.Option("--unique", help="No repeats.")] = False,
    beam: Annotated[
        int | None,
        typer.Option(
            "--beam",
            metavar="N",
            min=1,
            help="Draw nothing: search for the most probable documents with the N most probable "
            "prefixes of each length. Short documents come first, since no log-probability is "
            "divided by a length.",
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help=FORMAT_HELP)] = Format.text,
    output: Annotated[
        Path | None, typer.Option("--output", help="A file to write."), FileRole.written
    ] = None,
    order: Annotated[
        Order | None,
        typer.Option("--sort", help="Make all, then write them in this order."),
    ] = None,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Print the texts in columns.")
    ] = False,
    explain_plan: Annotated[
        bool, typer.Option("--explain-plan", help="Say which method makes them, and why.")
    ] = False,
    memory: MemoryArgument = None,
    chosen: SpeakingModel = SpeakingModel(),
    seed: SeedArgument = None,
) -> None:
    """Generate documents: names and words like the ones in the corpus."""
    if beam is not None:
        without_effect("with --beam, which draws nothing", {"--seed": seed})
        without_effect("with --beam, which gives each text once", {"--unique": unique or None})
    if side_by_side:
        without_effect(
            "with --side-by-side",
            {"--format": None if format is Format.text else format, "--output": output},
        )
    chain = sampling.chain()
    text_model = open_model(chosen.request())
    if beam is not None:
        seed = 0
    elif seed is None:
        seed = drawn_seed()
        say(f"seed {seed}")
    conditions = conditioning.conditions()
    if count is None:
        count = usual_count(beam)
    request = GenerationRequest(
        count, prefix, seed, chain, conditions, unique, beam, max_length, budget(memory)
    )
    # A terminal gets documents one by one, since what would act there is made visible.
    as_lines = format is Format.text and not (output is None and sys.stdout.isatty())
    lines = as_lines and order is None and not side_by_side
    hint_at_case(text_model, prefix, conditions)
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
    documents = generation.documents()
    if order is not None:
        documents = order.of(documents)
    if side_by_side:
        written = write_side_by_side(documents)
    else:
        written = _write_documents(documents, output, format, text_model)
    if plan.method is Method.rejection:
        for sentence in plan.documents.rejection.told:
            say(sentence)
    if written < count:
        raise TokgenError(f"Only {written:,} of {count:,} documents: {_no_more(request)}.")


def _no_more(request: GenerationRequest) -> str:
    if request.beam is None:
        return "there are no others"
    limit = CUT_AT if request.max_length is None else request.max_length
    ended = f"no other that begins as probably has ended after {counted(limit, 'token')}"
    return f"{ended}; --beam or --max-length can be larger"


def _write_documents(
    documents: Iterator[Generated], output: Path | None, format: Format, model: TextModel
) -> int:
    """Write documents, and tell how many there were; the file is opened when the first is there."""
    with waiting("looking for documents"):
        first = next(documents, None)
    with _opened(output) as file:
        given = itertools.chain([] if first is None else [first], documents)
        return WRITERS[format](file, given, model)


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
