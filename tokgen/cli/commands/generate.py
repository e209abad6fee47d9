"""`tokgen generate`: documents from a model, to standard output or a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from tokgen.cli.arguments import MemoryArgument, SeedArgument, without_effect
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case
from tokgen.cli.condition_options import ConditionOptions
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import (
    open_model,
    say_if_spelling_is_fixed,
    say_of_doubt,
    say_of_quality,
)
from tokgen.cli.progress import announce_search
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.tail import Tail
from tokgen.cli.terminal import say
from tokgen.cli.waiting import waiting
from tokgen.cli.writing import WritingAsMade
from tokgen.errors import TokgenError, counted
from tokgen.exact.memory import budget
from tokgen.rng import drawn_seed
from tokgen.text_model.drawn_documents import LOOKED_AT_AT_MOST, check_effort
from tokgen.text_model.generation import Generation
from tokgen.text_model.generation_plan import GenerationPlan, Method
from tokgen.text_model.generation_request import CUT_AT, GenerationRequest, usual_count
from tokgen.text_model.results import Generated
from tokgen.text_model.text_model import TextModel


@bundled
def generate(
    count: Annotated[
        int | None,
        typer.Option(
            "-n",
            "--count",
            min=0,
            help="How many documents (default: 10; with --beam, all that it finds).",
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Text that each document begins with.")
    ] = "",
    sampling: Sampling = Sampling(),
    max_length: Annotated[
        int | None,
        typer.Option("--max-length", min=0, help=f"Cut what has more tokens (default: {CUT_AT})."),
    ] = None,
    conditioning: ConditionOptions = ConditionOptions(),
    unique: Annotated[bool, typer.Option("--unique", help="Give no document twice.")] = False,
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
    writing: WritingAsMade = WritingAsMade(),
    explain_plan: Annotated[
        bool, typer.Option("--explain-plan", help="Say which method makes the documents, and why.")
    ] = False,
    memory: MemoryArgument = None,
    chosen: SpeakingModel = SpeakingModel(),
    seed: SeedArgument = None,
) -> None:
    """Generate documents: names and words like the ones in the corpus."""
    if beam is not None:
        without_effect("with --beam, which draws nothing", {"--seed": seed})
        without_effect("with --beam, which gives each text once", {"--unique": unique or None})
    chain, conditions = sampling.chain(), conditioning.conditions()
    text_model = open_model(chosen.request())
    if beam is not None:
        seed = 0
    elif seed is None:
        seed = drawn_seed()
        say(f"seed {seed}")
    request = GenerationRequest(
        usual_count(beam) if count is None else count,
        prefix,
        seed,
        chain,
        conditions,
        unique,
        beam,
        max_length,
        budget(memory),
    )
    hint_at_case(text_model, prefix, conditions)
    say_of_quality(text_model, conditions, request.memory)
    with waiting("computing"):
        generation = text_model.generation(request)
        plan = generation.plan
        chunks = generation.lines() if writing.takes_lines else None
    say_if_spelling_is_fixed(generation.given)
    if explain_plan:
        say(f"method {plan.method}: {plan.reason}")
    if chunks is None:
        _announce_search(plan, request)
        _write_documents(generation, writing, text_model)
    else:
        writing.write_lines(chunks, request.count)


def _announce_search(plan: GenerationPlan, request: GenerationRequest) -> None:
    """How long a search will take, or that it is without hope, before it is made."""
    if plan.method is not Method.beam:
        say_of_doubt(plan.documents)
    if plan.method is Method.search and plan.documents.effort is not None:
        check_effort(plan.documents)
        announce_search(plan.documents.effort, request.count, LOOKED_AT_AT_MOST)


def _write_documents(generation: Generation, writing: WritingAsMade, text_model: TextModel) -> None:
    request, plan = generation.request, generation.plan
    documents = generation.documents()
    if request.unique:
        written = _write_different(documents, writing, text_model)
    else:
        written = writing.write(documents, text_model)
    if plan.method is Method.rejection:
        for sentence in plan.documents.rejection.told:
            say(sentence)
    if written < request.count:
        raise TokgenError(f"Only {written:,} of {request.count:,} documents: {_no_more(request)}.")


def _write_different(
    documents: Iterator[Generated], writing: WritingAsMade, text_model: TextModel
) -> int:
    tail = Tail()
    written = writing.write(tail.watching(documents), text_model)
    if tail.told is not None:
        say(tail.told)
    return written


def _no_more(request: GenerationRequest) -> str:
    if request.beam is None:
        return "there are no others"
    limit = CUT_AT if request.max_length is None else request.max_length
    ended = f"no other document of the beam has ended after {counted(limit, 'token')}"
    return f"{ended}; a larger --beam or --max-length may find more"
