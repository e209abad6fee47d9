"""Chains from words: `top_p:p=0.9,min_keep=2` -> a sampler with its options, by plugin name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tokgen.errors import RequestError
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api.options import parse_options
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
    """One sampler as `NAME:key=value,key=value`.

    Raises:
        RequestError: as `make_link`, or what follows the colon is not `key=value`.
    """
    name, _, rest = text.partition(":")
    options = parse_assignments(rest.split(",") if rest else [])
    return make_sampler(name.strip(), options)


def parse_assignments(items: Iterable[str]) -> dict[str, str]:
    """`key=value` items as a mapping of texts; `Options` read numbers from them.

    Raises:
        RequestError: an item is not `key=value`, or a key comes twice.
    """
    values: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        key = key.strip()
        if not equals or not key:
            raise RequestError(f"{item!r} is not key=value.")
        if key in values:
            raise RequestError(f"The option {key!r} is given twice.")
        values[key] = value.strip()
    return values


def parse_chain(links: Iterable[str]) -> SamplerChain:
    """The samplers in the order written.

    Raises:
        RequestError: as `parse_link`.
    """
    return SamplerChain(tuple(parse_sampler(text) for text in links))
