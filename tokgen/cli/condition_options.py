"""The options that say what documents must fulfil, and the conditions that they make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from tokgen.exact.conditions import Conditions, parse_lengths

LengthArgument = Annotated[
    str | None,
    typer.Option(
        "--length", metavar="N|N..M", help="Only documents of so many characters; or N.., or ..M."
    ),
]


PatternArgument = Annotated[
    str | None,
    typer.Option(
        "--pattern",
        help=r"Only documents that match: ? is one character, * any number, [aeiou] one of these, "
        r"[^qx] none of these, \? the question mark itself; in a class a-f is a range, "
        r"\] a bracket.",
    ),
]


SuffixArgument = Annotated[
    str | None, typer.Option("--suffix", help="Only documents that end with this text.")
]


ContainsArgument = Annotated[
    str | None, typer.Option("--contains", help="Only documents that hold this text somewhere.")
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


NovelArgument = Annotated[
    bool, typer.Option("--novel", help="Only documents that are in no row of the corpus.")
]


NovelDistanceArgument = Annotated[
    int | None,
    typer.Option(
        "--novel-distance",
        metavar="N",
        min=1,
        help="Only documents more than N edits away from every row of the corpus.",
    ),
]


MinLogprobArgument = Annotated[
    float | None,
    typer.Option(
        "--min-logprob",
        metavar="X",
        help="Only documents to which the model alone gives a log-probability of X nats or more.",
    ),
]


QualityArgument = Annotated[
    float | None,
    typer.Option(
        "--quality",
        metavar="Q",
        help="Only the likeliest documents that together hold the share Q of the model's mass: "
        "0.9 leaves out the improbable tenth.",
    ),
]


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
    min_logprob: MinLogprobArgument = None
    quality: QualityArgument = None

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
            self.min_logprob,
            self.quality,
        )
