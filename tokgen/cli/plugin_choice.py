"""Which plugins a command of `tokgen plugins` speaks of."""

from __future__ import annotations

from typing import Annotated

import typer

from tokgen import registry
from tokgen.errors import RequestError, did_you_mean

KindArgument = Annotated[
    str | None, typer.Option("--kind", metavar="|".join(registry.KINDS), help="Of which kind.")
]


def chosen_plugin(name: str, kind: str | None) -> registry.FoundPlugin:
    """The plugin of this name, and of this kind where it is given.

    Raises:
        RequestError: there is none, or several kinds have one; or there is no such kind.
    """
    if kind is not None and kind not in registry.KINDS:
        raise RequestError(f"There is no kind {kind!r}.{did_you_mean(kind, registry.KINDS)}")
    matching = [
        found
        for found in registry.find_plugins()
        if found.name == name and kind in (None, found.kind)
    ]
    if not matching:
        known = {found.name for found in registry.find_plugins()}
        raise RequestError(f"There is no plugin {name!r}.{did_you_mean(name, known)}")
    kinds = sorted({found.kind for found in matching})
    if len(kinds) > 1:
        raise RequestError(f"{name!r} is the name of several: say --kind {' or '.join(kinds)}.")
    return matching[0]


def chosen_plugins(name: str, kind: str | None) -> tuple[registry.FoundPlugin, ...]:
    """The plugin of this name; raises as `chosen_plugin`."""
    return (chosen_plugin(name, kind),)
