"""What is asked of a model by keyword in Python, named as on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypedDict

from tokgen.errors import RequestError
from tokgen.exact.condition_syntax import parse_lengths
from tokgen.exact.conditions import Conditions
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.generation.sampler_syntax import parse_sampler, shorthand_samplers
from tokgen.plugin_api.sampler import Sampler
from tokgen.text_model.argument_kinds import check_truth

Link = str | Sampler | ChainedSampler
Samplers = Link | SamplerChain | Iterable[Link]


class SamplerKeywords(TypedDict, total=False):
    """Shorthands for samplers, which follow those that are listed: truncation, then temperature."""

    top_k: int | None
    top_p: float | None
    min_p: float | None
    temperature: float | None


class ConditionKeywords(TypedDict, total=False):
    """What the text of a document must fulfil, as `Conditions`; `length` is 6 or "4..10"."""

    length: int | str | None
    pattern: str | None
    suffix: str | None
    contains: str | None
    exclude: str | None
    novel: bool
    novel_distance: int | None
    min_logprob: float | None
    quality: float | None


class Keywords(SamplerKeywords, ConditionKeywords, total=False):
    """Shorthands for samplers, and conditions."""


SHORTHANDS = tuple(SamplerKeywords.__annotations__)
CONDITIONS = tuple(ConditionKeywords.__annotations__)
# The fields of `Conditions` that have another name than their keyword.
_FIELDS = {"length": "lengths"}


def asked_of(
    samplers: Samplers, conditions: Conditions, keywords: Mapping[str, Any]
) -> tuple[SamplerChain, Conditions]:
    """The samplers and the conditions that a method is called with.

    Raises:
        RequestError: as `chain_of` and `conditions_of`.
    """
    return chain_of(samplers, keywords), conditions_of(conditions, keywords)


def chain_of(samplers: Samplers, keywords: Mapping[str, Any]) -> SamplerChain:
    """The samplers in the order given, then the shorthands.

    Raises:
        RequestError: there is no such sampler, option or keyword, or a value does not fit.
    """
    shorthands = {name: keywords[name] for name in SHORTHANDS if name in keywords}
    if isinstance(samplers, SamplerChain):
        listed = samplers.samplers
    elif isinstance(samplers, str | Sampler | ChainedSampler) or not isinstance(samplers, Iterable):
        listed = (_chained(samplers),)
    else:
        listed = tuple(map(_chained, samplers))
    return SamplerChain(listed + shorthand_samplers(**shorthands))


def conditions_of(conditions: Conditions, keywords: Mapping[str, Any]) -> Conditions:
    """The conditions, with what keywords ask for besides.

    Raises:
        RequestError: a value does not fit, or one is asked for in both ways.
    """
    given = {name: keywords[name] for name in CONDITIONS if name in keywords}
    check_truth("novel", given.get("novel"))
    asked = {
        name: value for name, value in given.items() if value is not None and value is not False
    }
    for name in asked:
        if getattr(conditions, _FIELDS.get(name, name)):
            raise RequestError(f"The condition {name!r} is given twice.")
    if "length" in asked:
        asked["length"] = parse_lengths(str(asked["length"]))
    fields = {_FIELDS.get(name, name): value for name, value in asked.items()}
    return replace(conditions, **fields) if fields else conditions


def _chained(link: Link) -> ChainedSampler:
    if isinstance(link, str):
        return parse_sampler(link)
    if isinstance(link, Sampler):
        return ChainedSampler(type(link).__name__, link)
    if isinstance(link, ChainedSampler):
        return link
    raise RequestError(
        f'A sampler is written "top_p:p=0.9", tokgen.sampler("top_p", p=0.9), or is a Sampler of '
        f"your own; {link!r} is none of them.",
        field="samplers",
    )
