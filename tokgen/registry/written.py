"""A plugin with its options as a user writes them: `top_p:p=0.9` -> its name and what is given."""

from __future__ import annotations

from tokgen.errors import RequestError
from tokgen.plugin_api.options import Named, parse_named
from tokgen.registry.discovery import split_written
from tokgen.registry.found import Kind
from tokgen.registry.loading import load


def parse_written(kind: Kind, text: str) -> Named:
    """A plugin of this kind as `NAME`, `NAME:key=value,key=value` or `NAME:{json}`.

    Raises:
        RequestError: what follows the colon is neither of the two; for a value without its key,
            the plugin's first option is suggested.
    """
    name, written = split_written(kind, text)
    if written and not {"=", "{"} & {*written}:
        raise RequestError(f"{written!r} is not key=value.{_as_an_option(kind, name, written)}")
    return parse_named(name, written)


def _as_an_option(kind: Kind, name: str, value: str) -> str:
    """How it was probably meant; empty where the plugin takes no options."""
    options = [*load(kind, name).implementation.Options.model_fields]
    if not options:
        return ""
    meant = f"{value}=…" if value in options else f"{options[0]}={value}"
    return f" Did you mean '{name}:{meant}'?"
