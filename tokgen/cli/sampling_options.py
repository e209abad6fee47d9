"""The options that name samplers, and the chain that they make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from tokgen.cli import candidates
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import make_sampler, parse_chain, shorthand_samplers

SamplerArgument = Annotated[
    list[str] | None,
    typer.Option(
        "--sampler",
        metavar="NAME:KEY=VALUE,…",
        help="A sampler; repeat the option for a chain, applied in the order written.",
        autocompletion=candidates.samplers,
    ),
]


TopKArgument = Annotated[
    int | None,
    typer.Option("--top-k", help="Keep the K most probable tokens (short for top_k:k=K)."),
]


TopPArgument = Annotated[
    float | None,
    typer.Option(
        "--top-p",
        help="Keep the most probable tokens that together reach the probability P (top_p:p=P).",
    ),
]


MinPArgument = Annotated[
    float | None,
    typer.Option(
        "--min-p",
        help="Keep tokens at least P times as probable as the most probable one (min_p:p=P).",
    ),
]


TemperatureArgument = Annotated[
    float,
    typer.Option(
        "--temp",
        min=0.0,
        help="Temperature: below 1 sharpens the distribution, above 1 flattens it.",
    ),
]


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
        added = shorthand_samplers(
            top_k=self.top_k, top_p=self.top_p, min_p=self.min_p, temperature=temperature
        )
        if temperature == 1 and keep_neutral:
            added += (make_sampler("temperature", {"t": temperature}),)
        return SamplerChain(parse_chain(self.sampler or []).samplers + added)


@dataclass(frozen=True)
class Sampling(Truncation):
    """A chain with one temperature."""

    temp: TemperatureArgument = 1.0

    def chain(self) -> SamplerChain:
        """The samplers that were asked for; raises as `chain_at`."""
        return self.chain_at(self.temp)
