"""The options that say what documents must fulfil, and the conditions that they make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from tokgen.exact.condition_syntax import parse_lengths
from tokgen.exact.conditions import Conditions

LengthArgument = Annotated[
    str | None,
    typer.Option(
        "--length",
        metavar="N|N..M",
        help="Only documents of N characters, or of N..M, N.. (at least) or ..M (at most).",
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
    str | None, typer.Option("--contains", help="Only documents that contain this text.")
]


ExcludeArgument = Annotated[
    str | None,
    typer.Option(
        "--exclude",
        metavar="LETTERS",
        help="Only documents without these letters. Their probabilities keep their "
        "proportions, unlike under the sampler ban, which removes letters at each step.",
    ),
]


NovelArgument = Annotated[
    bool, typer.Option("--novel", help="Only documents that equal no row of the corpus.")
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
        help="Only the most probable documents that together hold the share Q of the model's"
        " probability: 0.9 leaves out the least probable tenth.",
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
