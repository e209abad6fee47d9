"""`tokgen analyze`: exact figures of a model: length law, entropy, what it has memorised."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tokgen.cli import candidates
from tokgen.cli.arguments import JsonArgument, MemoryArgument, UnitArgument, check_unit
from tokgen.cli.bundles import bundled
from tokgen.cli.case_hints import hint_at_case
from tokgen.cli.condition_options import ConditionOptions
from tokgen.cli.file_roles import FileRole
from tokgen.cli.model_choice import SpeakingModel
from tokgen.cli.opening import open_model, open_prefix, say_of_quality
from tokgen.cli.sampling_options import Sampling
from tokgen.cli.terminal import print_json, say
from tokgen.cli.views.analysis import has_a_unit, show_analysis
from tokgen.cli.waiting import waiting
from tokgen.exact.memory import budget
from tokgen.paths import is_there
from tokgen.text_model.analysis import analyze as analyze_model
from tokgen.text_model.divergence import compare
from tokgen.text_model.given import written_as_options
from tokgen.text_model.posterior import MOST_POSITIONS, posterior
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest
from tokgen.unit import Unit


@bundled
def analyze(
    prefix: Annotated[
        str, typer.Option("--prefix", help="Text that each document begins with.")
    ] = "",
    sampling: Sampling = Sampling(),
    conditioning: ConditionOptions = ConditionOptions(),
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="MODEL|FILE",
            help="Another model to compare with.",
            autocompletion=candidates.models_and_checkpoints,
        ),
        FileRole.read,
    ] = None,
    positions: Annotated[
        bool,
        typer.Option(
            "--positions",
            help=f"Show each position's probabilities, of the first {MOST_POSITIONS} at most.",
        ),
    ] = False,
    memory: MemoryArgument = None,
    chosen: SpeakingModel = SpeakingModel(),
    unit: UnitArgument = None,
    json: JsonArgument = False,
) -> None:
    """Compute exact figures of a model, under a sampler chain and given conditions."""
    check_unit(unit, json=json)
    chain = sampling.chain()
    conditions = conditioning.conditions()
    text_model = open_model(chosen.request())
    hint_at_case(text_model, prefix, conditions)
    say_of_quality(text_model, conditions, budget(memory))
    given = open_prefix(text_model, prefix)
    source = text_model.source_after(given.beginning, chain, conditions, budget(memory))
    other = None if against is None else _other(text_model, against)
    figures: dict[str, Any] = {}
    with waiting("computing"):
        if other is not None:
            figures["against"] = compare(text_model, source, other)
        figures = analyze_model(text_model, source) | figures
        if positions:
            key = "positions" if source.markov or source.counted else "positions_at_least"
            figures[key] = posterior(text_model, source)
    if json:
        print_json(figures)
    else:
        if unit and not has_a_unit(figures):
            say("--unit changes nothing: no figure here is counted in bits or nats.")
        show_analysis(figures, len(source.beginning.ids) + 1, unit or Unit.bits)


def _other(text_model: TextModel, named: str) -> TextModel:
    """The model to compare with, told the same where it can be told anything."""
    other = open_model(other_model(text_model, named))
    if other.model.vocabulary.columns:
        return other.told(text_model.given)
    if text_model.given:
        told = written_as_options(text_model.given)
        say(f"{other.metadata.model.name} is told no columns: it is compared as it is, not {told}")
    return other


def other_model(text_model: TextModel, named: str) -> ModelRequest:
    """The request for a model of the same corpus, by plugin name or checkpoint file."""
    trained_on = text_model.metadata.corpus
    if is_there(named):
        return ModelRequest(checkpoint=named)
    return ModelRequest(trained_on.name, named, trained_on.where, column=trained_on.column)
