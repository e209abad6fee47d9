"""Which plugins a command of `tokgen plugins` speaks of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tokgen import registry
from tokgen.cli import candidates
from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import is_there

KindArgument = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="|".join(registry.KINDS),
        help="Kind of the plugin, where the name alone is not clear.",
        autocompletion=candidates.kinds,
    ),
]


def check_kind(kind: str) -> None:
    """Raise `RequestError` where there is no such kind of plugin."""
    if kind not in registry.KINDS:
        raise RequestError(f"There is no kind {kind!r}.{did_you_mean(kind, registry.KINDS)}")


def chosen_plugin(name: str, kind: str | None) -> registry.FoundPlugin:
    """The plugin of this name, and of this kind where it is given.

    Raises:
        RequestError: there is none, or several kinds have one; or there is no such kind.
    """
    if kind is not None:
        check_kind(kind)
    matching = [
        found
        for found in registry.find_plugins()
        if name in (found.name, f"{found.distribution}:{found.name}") and kind in (None, found.kind)
    ]
    if not matching:
        if is_there(Path(name)):
            raise RequestError(
                f"{name!r} is no Python file, and no plugin has that name. tokgen corpora check "
                f"{name} checks a file of documents."
            )
        plugins = [found for found in registry.find_plugins() if kind in (None, found.kind)]
        known = {found.name for found in plugins}
        among = f" among the {kind}" if kind else ""
        raise RequestError(f"There is no plugin {name!r}{among}.{did_you_mean(name, known)}")
    kinds: list[registry.Kind] = sorted({found.kind for found in matching})
    if len(kinds) > 1:
        raise RequestError(f"{name!r} is the name of several: say --kind {' or '.join(kinds)}.")
    return registry.find(kinds[0], name)


def chosen_plugins(name: str, kind: str | None) -> tuple[registry.FoundPlugin, ...]:
    """The plugin of this name, or all plugins (of the kind) of a Python file.

    Raises:
        RequestError: as `chosen_plugin`, or the file has none of the kind.
        PluginError: the file cannot be imported.
    """
    if kind is not None:
        check_kind(kind)
    if not name.endswith(".py"):
        return (chosen_plugin(name, kind),)
    of_file = registry.add_file_with_command(name)
    plugins = tuple(each for each in of_file if kind in (None, each.kind))
    if not plugins:
        raise RequestError(f"{name!r} defines none of the {kind}.")
    return plugins
