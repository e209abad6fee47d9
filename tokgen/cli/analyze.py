"""`tokgen analyze`: exact figures of a model: length law, entropy, what it has memorised."""

from __future__ import annotations

from typing import Any

from tokgen.analysis import analyze as analyze_model
from tokgen.chain import MAX_STATES
from tokgen.cli.arguments import (
    CheckpointArgument,
    ContainsArgument,
    CorpusArgument,
    JsonArgument,
    LengthArgument,
    MaxStatesArgument,
    MinPArgument,
    ModelArgument,
    NovelArgument,
    OptionsArgument,
    PatternArgument,
    SamplerArgument,
    SuffixArgument,
    TemperatureArgument,
    TopKArgument,
    TopPArgument,
    WhereArgument,
    chain_from,
    conditions_from,
    request_from,
)
from tokgen.cli.bars import bar, percent
from tokgen.cli.opening import open_model
from tokgen.cli.terminal import output_console, print_json

BAR_WIDTH = 40
SHOWN_FROM = 0.0005


def analyze(
    temp: TemperatureArgument = 1.0,
    top_k: TopKArgument = None,
    top_p: TopPArgument = None,
    min_p: MinPArgument = None,
    sampler: SamplerArgument = None,
    length: LengthArgument = None,
    pattern: PatternArgument = None,
    suffix: SuffixArgument = None,
    contains: ContainsArgument = None,
    novel: NovelArgument = False,
    max_states: MaxStatesArgument = MAX_STATES,
    corpus: CorpusArgument = None,
    model: ModelArgument = None,
    checkpoint: CheckpointArgument = None,
    where: WhereArgument = None,
    option: OptionsArgument = None,
    json: JsonArgument = False,
) -> None:
    """Compute exact figures of a model, under a sampler chain and given conditions."""
    chain = chain_from(sampler, top_k=top_k, top_p=top_p, min_p=min_p, temperature=temp)
    conditions = conditions_from(length, pattern, suffix, contains, novel)
    text_model = open_model(request_from(corpus, model, checkpoint, where, option))
    figures = analyze_model(text_model, chain, conditions, max_states)
    if json:
        print_json(figures)
    else:
        _show(figures)


_NAMED = {
    "states": ("states of the Markov chain", "{:,}"),
    "condition_prob": ("probability of the condition", "{:.6g}"),
    "never_ending": ("mass that never ends", "{:.6g}"),
    "entropy_bits": ("entropy of a document, bits", "{:.3f}"),
    "expected_length": ("expected length, tokens", "{:.3f}"),
    "kl_from_model_nats": ("KL to the model alone, nats", "{:.4f}"),
    "in_corpus": ("probability of being in the corpus", "{:.4%}"),
    "in_train": ("… in its training split", "{:.4%}"),
    "in_held_out": ("… in its other splits", "{:.4%}"),
    "unreachable": ("model's mass out of the chain's reach", "{:.4%}"),
}


def _show(figures: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    for key, (meaning, form) in _NAMED.items():
        if key in figures:
            value = figures[key]
            table.add_row(
                meaning, "none: it may never end" if value is None else form.format(value)
            )
    console = output_console()
    console.print(table)
    console.print()
    console.print(_length_law(figures["lengths"]))


def _length_law(lengths: dict[str, float]) -> Any:
    from rich.table import Table

    peak = max(lengths.values(), default=1.0)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("length", justify="right")
    table.add_column("", justify="right")
    table.add_column("", style="cyan", no_wrap=True)
    for length, mass in lengths.items():
        if mass >= SHOWN_FROM:
            table.add_row(length, percent(mass), bar(mass / peak, BAR_WIDTH))
    return table
