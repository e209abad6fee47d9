"""`tokgen top`: the most probable documents, exactly, in order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated

import typer

from tokgen.cli.arguments import (
    JsonArgument,
    MemoryArgument,
    UnitArgument,
    check_unit,
    without_effect,
)
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case
from tokgen.cli.condition_options import ConditionOptions
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, open_prefix, say_of_doubt, say_of_quality
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.terminal import output_console, print_json, say
from tokgen.cli.views.ranking import GIVEN, ranking
from tokgen.cli.waiting import waiting
from tokgen.cli.writing import Writing
from tokgen.errors import TooRareError
from tokgen.exact.memory import budget
from tokgen.text_model.results import Ranked
from tokgen.text_model.results_json import ranked_as_json, told_as_json
from tokgen.text_model.text_model import TextModel
from tokgen.unit import Unit


@bundled
def top(
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many documents.")] = 10,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Text that each document begins with.")
    ] = "",
    sampling: Sampling = Sampling(),
    conditioning: ConditionOptions = ConditionOptions(),
    writing: Writing = Writing(),
    memory: MemoryArgument = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Show the most probable documents in order, exactly.

    ln p is a document's log-probability under the model alone. Beside it stands its log-probability
    under the samplers and given the conditions; the order follows that one.
    """
    check_unit(unit, json=json)
    written = any(option is not None for option in writing.given.values())
    if json:
        without_effect("with --json", writing.given)
    if written:
        without_effect("where no table is shown", {"--unit": unit})
    chain = sampling.chain()
    conditions = conditioning.conditions()
    text_model = open_model(chosen.request())
    hint_at_case(text_model, prefix, conditions)
    say_of_quality(text_model, conditions, budget(memory))
    beginning = open_prefix(text_model, prefix).beginning
    asked = text_model.source_after(beginning, chain, conditions, budget(memory))
    say_of_doubt(asked)
    documents = _found(text_model.top_of(asked, count))
    if json:
        _print_json(documents, text_model)
    elif written:
        writing.write((each.generated for each in documents), text_model)
    else:
        _print_table(documents, unit or Unit.nats, under_chain=bool(chain.samplers or conditions))


def _found(ranked: Iterator[Ranked]) -> Iterator[Ranked]:
    """The documents, when the first of them is there."""
    with waiting("looking for documents"):
        first = list(itertools.islice(ranked, 1))
    return itertools.chain(first, ranked)


def _print_json(documents: Iterator[Ranked], text_model: TextModel) -> None:
    for rank, document in enumerate(documents, start=1):
        print_json({**ranked_as_json(rank, document), **told_as_json(text_model.given)})


def _print_table(documents: Iterator[Ranked], unit: Unit, *, under_chain: bool) -> None:
    found: list[Ranked] = []
    gave_up: TooRareError | None = None
    with waiting("looking for documents"):
        try:
            found.extend(documents)
        except TooRareError as error:
            gave_up = error
    given = under_chain and found[0].logprob_drawn is not None
    output_console().print(ranking(found, given=given, unit=unit))
    if given:
        say(GIVEN)
    if gave_up is not None:
        raise gave_up
