"""`tokgen top`: the most probable documents, exactly, in order."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer

from tokgen.cli.arguments import JsonArgument, MemoryArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case
from tokgen.cli.condition_options import ConditionOptions
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, open_prefix, say_of_quality
from tokgen.cli.progress import waiting
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.terminal import output_console, print_json
from tokgen.cli.views.ranking import ranking
from tokgen.errors import RequestError
from tokgen.exact.conditions import IMPOSSIBLE
from tokgen.exact.memory import budget
from tokgen.text_model.results_json import ranked_as_json, told_as_json
from tokgen.unit import Unit


@bundled
def top(
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many documents.")] = 10,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Text that each document begins with.")
    ] = "",
    sampling: Sampling = Sampling(),
    conditioning: ConditionOptions = ConditionOptions(),
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
    chain = sampling.chain()
    conditions = conditioning.conditions()
    text_model = open_model(chosen.request())
    hint_at_case(text_model, prefix, conditions)
    say_of_quality(text_model, conditions, budget(memory))
    beginning = open_prefix(text_model, prefix).beginning
    asked = text_model.source_after(beginning, chain, conditions, budget(memory))
    ranked = text_model.top_of(asked, count)
    with waiting("looking for documents"):
        first = next(ranked, None)
    if first is None:
        raise RequestError(IMPOSSIBLE)
    documents = itertools.chain([first], ranked)
    if json:
        for rank, document in enumerate(documents, start=1):
            print_json({**ranked_as_json(rank, document), **told_as_json(text_model.given)})
    else:
        given = bool(chain.samplers or conditions) and first.logprob_drawn is not None
        with waiting("looking for documents"):
            found = list(documents)
        output_console().print(ranking(found, given=given, unit=unit or Unit.nats))
