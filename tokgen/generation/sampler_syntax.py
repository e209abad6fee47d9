"""Chains from words: `top_p:p=0.9,min_keep=2` -> a sampler with its options, by plugin name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api.options import parse_named, parse_options
from tokgen.registry import load_sampler


def make_sampler(name: str, options: Mapping[str, Any]) -> ChainedSampler:
    """One sampler by plugin name.

    Raises:
        RequestError: there is no such sampler or option, or a value does not fit.
    """
    sampler = load_sampler(name)
    return ChainedSampler(
        name, sampler(parse_options(sampler.Options, options, f"Sampler {name!r}"))
    )


def parse_sampler(text: str) -> ChainedSampler:
    """One sampler as `NAME:key=value,key=value` or `NAME:{json}`.

    Raises:
        RequestError: as `make_sampler`, or what follows the colon is neither of the two.
    """
    named = parse_named(text)
    return make_sampler(named.name, named.options)


def parse_chain(links: Iterable[str]) -> SamplerChain:
    """The samplers in the order written.

    Raises:
        RequestError: as `parse_link`.
    """
    return SamplerChain(tuple(parse_sampler(text) for text in links))
