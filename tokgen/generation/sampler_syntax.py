"""Sampler chains as they are written: `top_p:p=0.9` -> a sampler with its options, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from tokgen import registry
from tokgen.errors import RequestError, TokgenError
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api.options import parse_options
from tokgen.unicode import nfc


def make_sampler(name: str, options: Mapping[str, Any]) -> ChainedSampler:
    """One sampler by plugin name; raises as `sampler`."""
    sampler = registry.load_sampler(name)
    needed = [key for key, field in sampler.Options.model_fields.items() if field.is_required()]
    if needed and not options:
        written = ",".join(f"{key}=…" for key in needed)
        raise RequestError(f"Sampler {name!r} needs an option: write {name}:{written}")
    given = parse_options(sampler.Options, _in_normal_form(options), f"Sampler {name!r}")
    if not options and given == sampler.neutral:
        first = next(iter(sampler.Options.model_fields))
        raise RequestError(
            f"Sampler {name!r} changes nothing without an option: give one, as {name}:{first}=…"
        )
    return ChainedSampler(name, sampler(given))


def first_option(name: str) -> str | None:
    """The first option of a sampler; None where it has none, or where there is no such sampler."""
    with suppress(TokgenError):
        return next(iter(registry.load_sampler(name).Options.model_fields), None)
    return None


def _in_normal_form(value: Any) -> Any:
    """The same value with each text in it as the vocabulary's symbols are written."""
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, Mapping):
        return {_in_normal_form(key): _in_normal_form(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_normal_form(each) for each in value]
    return value


def sampler(name: str, **options: Any) -> ChainedSampler:
    """One sampler by plugin name with its options, as `sampler("top_p", p=0.9)`.

    Raises:
        RequestError: there is no such sampler or option, a value does not fit, or no option is
            given and the sampler changes nothing without one.
    """
    return make_sampler(name, options)


def shorthand_samplers(
    *,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    temperature: float | None = None,
) -> tuple[ChainedSampler, ...]:
    """The samplers that are asked for by short names: truncation first, temperature last.

    Temperature 1 changes nothing and is left out.

    Raises:
        RequestError: a value does not fit.
    """
    named = [
        ("top_k", "k", top_k),
        ("top_p", "p", top_p),
        ("min_p", "p", min_p),
        ("temperature", "t", None if temperature == 1 else temperature),
    ]
    return tuple(
        make_sampler(name, {key: value}) for name, key, value in named if value is not None
    )


def parse_sampler(text: str) -> ChainedSampler:
    """One sampler as `NAME:key=value,key=value` or `NAME:{json}`.

    Raises:
        RequestError: as `make_sampler`, or what follows the colon is neither of the two.
    """
    named = registry.parse_written("samplers", text)
    return make_sampler(named.name, named.options)


def parse_chain(written: Iterable[str]) -> SamplerChain:
    """The samplers in the order written.

    Raises:
        RequestError: as `parse_sampler`.
    """
    return SamplerChain(tuple(parse_sampler(text) for text in written))
