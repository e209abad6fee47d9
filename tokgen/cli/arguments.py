"""The arguments that commands share, each declared once, and what they mean together."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from tokgen.cli import candidates
from tokgen.cli.file_roles import FileRole
from tokgen.errors import RequestError
from tokgen.exact.conditions import Conditions, parse_lengths
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import make_sampler, parse_chain
from tokgen.plugin_api.options import parse_assignments
from tokgen.training.model_store import ModelRequest

CorpusArgument = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        metavar="NAME|FILE|-",
        help="A corpus plugin, or a text file with one document a line (- is standard input).",
        autocompletion=candidates.corpora,
    ),
    FileRole.read,
]


ColumnArgument = Annotated[
    str | None,
    typer.Option(
        "--column",
        metavar="NAME",
        help="The column that holds the documents, where the corpus is a CSV or TSV file.",
    ),
]


ModelArgument = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A model plugin (default: the corpus card's).",
        autocompletion=candidates.models,
    ),
]


CheckpointArgument = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        help='A checkpoint file, "shipped", "shipped:NAME" or "kept:NAME".',
        autocompletion=candidates.checkpoints,
    ),
    FileRole.read,
]


WhereArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="COLUMN=VALUE",
        help="Only these rows of the corpus.",
        autocompletion=candidates.column_values,
    ),
]


GivenArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        metavar="COLUMN=VALUE",
        help="What the model is told, if it was trained with --condition-on.",
        autocompletion=candidates.values_to_give,
    ),
]


OptionsArgument = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--option",
        metavar="KEY=VALUE",
        help="An option of the model.",
        autocompletion=candidates.model_options,
    ),
]


TokenizerArgument = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        metavar="NAME:KEY=VALUE,…",
        help="A tokenizer (default: the corpus card's).",
        autocompletion=candidates.tokenizers,
    ),
]


SeedArgument = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**64 - 1, help="All chance follows from it."),
]


JsonArgument = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


SamplerArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--sampler",
        metavar="NAME:KEY=VALUE,…",
        help="A sampler; repeat for a chain, in order.",
        autocompletion=candidates.samplers,
    ),
]


TopKArgument = Annotated[int | None, typer.Option("--top-k", help="Short for top_k:k=…")]


TopPArgument = Annotated[float | None, typer.Option("--top-p", help="Short for top_p:p=…")]


MinPArgument = Annotated[float | None, typer.Option("--min-p", help="Short for min_p:p=…")]


TemperatureArgument = Annotated[float, typer.Option("--temp", min=0.0, help="Temperature.")]


MemoryArgument = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory that exact computations may take (default: TOKGEN_MEMORY, or 1GiB).",
    ),
]


LengthArgument = Annotated[
    str | None,
    typer.Option("--length", metavar="N|N..M", help="Only of so many characters; or N.., or ..M."),
]


PatternArgument = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        help=r"Only what matches: ? is one character, * any number, [aeiou] one of these, "
        r"[^qx] none of these, \? the question mark itself; in a class a-f is a range, "
        r"\] a bracket.",
    ),
]


SuffixArgument = Annotated[str | None, typer.Option("--suffix", help="Only what ends so.")]


ContainsArgument = Annotated[
    str | None, typer.Option("--contains", help="Only what holds this somewhere.")
]


ExcludeArgument = Annotated[
    str | None,
    typer.Option(
        "--exclude",
        metavar="LETTERS",
        help="Only documents without these letters; the others keep their proportions, which a "
        "sampler that removes letters at each step changes.",
    ),
]


NovelArgument = Annotated[bool, typer.Option("--novel", help="None that the corpus holds.")]


NovelDistanceArgument = Annotated[
    int | None,
    typer.Option(
        "--novel-distance",
        metavar="N",
        min=1,
        help="Only documents more than N edits away from every row of the corpus.",
    ),
]


@dataclass(frozen=True)
class ModelChoice:
    """Which model a command works with."""

    corpus: CorpusArgument = None
    column: ColumnArgument = None
    model: ModelArgument = None
    checkpoint: CheckpointArgument = None
    where: WhereArgument = None
    option: OptionsArgument = None

    def request(self) -> ModelRequest:
        """What the user asked for; `RequestError` where a `--where` or `-o` is not KEY=VALUE."""
        return ModelRequest(
            corpus=self.corpus,
            model=self.model,
            where=parse_assignments(self.where or []),
            options=parse_assignments(self.option or []),
            checkpoint=self.checkpoint,
            column=self.column,
        )


@dataclass(frozen=True)
class SpeakingModel(ModelChoice):
    """Which model speaks, and what it is told."""

    given: GivenArgument = None

    def request(self) -> ModelRequest:
        """As `ModelChoice.request`, with what is given."""
        given = parse_assignments(self.given, "column") if self.given else None
        return replace(super().request(), given=given)


@dataclass(frozen=True)
class Truncation:
    """Samplers in the order written, then the shorthands that truncate."""

    top_k: TopKArgument = None
    top_p: TopPArgument = None
    min_p: MinPArgument = None
    sampler: SamplerArgument = None

    def chain_at(self, temperature: float, *, keep_neutral: bool = False) -> SamplerChain:
        """The chain that ends with this temperature.

        Temperature 1 changes nothing and is left out, unless it is to be seen (`keep_neutral`).

        Raises:
            RequestError: there is no such sampler or option, or a value does not fit.
        """
        shorthands = [
            ("top_k", "k", self.top_k),
            ("top_p", "p", self.top_p),
            ("min_p", "p", self.min_p),
            ("temperature", "t", None if temperature == 1 and not keep_neutral else temperature),
        ]
        added = [
            make_sampler(name, {key: value}) for name, key, value in shorthands if value is not None
        ]
        return SamplerChain(parse_chain(self.sampler or []).samplers + tuple(added))


@dataclass(frozen=True)
class Sampling(Truncation):
    """A chain with one temperature."""

    temp: TemperatureArgument = 1.0

    def chain(self) -> SamplerChain:
        """The samplers that were asked for; raises as `chain_at`."""
        return self.chain_at(self.temp)


@dataclass(frozen=True)
class ConditionOptions:
    """What documents must fulfil."""

    length: LengthArgument = None
    pattern: PatternArgument = None
    suffix: SuffixArgument = None
    contains: ContainsArgument = None
    exclude: ExcludeArgument = None
    novel: NovelArgument = False
    novel_distance: NovelDistanceArgument = None

    def conditions(self) -> Conditions:
        """All of it at once; `RequestError` where a length or a pattern cannot be read."""
        lengths = parse_lengths(self.length) if self.length is not None else None
        return Conditions(
            lengths,
            self.pattern,
            self.suffix,
            self.contains,
            self.exclude,
            self.novel,
            self.novel_distance,
        )


def without_effect(beside: str, options: Mapping[str, Any]) -> None:
    """Refuse options that were given and change nothing where something else is asked for.

    Raises:
        RequestError: one of them is not None.
    """
    for name, value in options.items():
        if value is not None:
            raise RequestError(f"{name} has no effect {beside}.")


def drawn_seed() -> int:
    """A fresh seed, short enough to be typed again."""
    return secrets.randbelow(10**6)
