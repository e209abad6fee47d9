"""Commands that plugins bring: named in the help, imported when one is invoked."""

from __future__ import annotations

from typing import Any

import typer

from tokgen import registry
from tokgen.errors import PluginError
from tokgen.unicode import inert


def offered() -> dict[str, registry.FoundPlugin]:
    """The commands of plugins that are enabled, by name; of rivals the first stands for all."""
    commands = [each for each in registry.find_plugins() if each.kind == "commands"]
    return {each.name: each for each in reversed(commands) if not registry.disabled_by(each)}


def is_offered(name: str) -> bool:
    """Whether a plugin has a command of this name, or `distribution:name`, disabled or not."""
    commands = [each for each in registry.find_plugins() if each.kind == "commands"]
    return any(name in (each.name, f"{each.distribution}:{each.name}") for each in commands)


def add_imported(app: typer.Typer, name: str) -> registry.FoundPlugin:
    """Import the command of this name and add it to the application.

    Raises:
        PluginError: it cannot be imported, or is neither a Typer app nor a function.
    """
    found, made = registry.load_command(name)
    if isinstance(made, typer.Typer):
        only = _only_command(made)
        if only is None:
            app.add_typer(made, name=name)
        else:
            app.command(name)(only)
    elif callable(made):
        app.command(name)(made)
    else:
        raise PluginError(f"The {found.display_name} is neither a Typer app nor a function.")
    return found


def _only_command(app: typer.Typer) -> Any:
    """The function of an app that has one command and no more: it is invoked without its name."""
    if (
        len(app.registered_commands) == 1
        and not app.registered_groups
        and not app.registered_callback
    ):
        return app.registered_commands[0].callback
    return None


def add_named(app: typer.Typer, found: registry.FoundPlugin) -> None:
    """Add the command for the help alone, with what its source says of it."""
    summary = registry.source_of(found).summary or f"A command of {found.owner}."
    add_summary(app, found.name, inert(summary))


def add_summary(app: typer.Typer, name: str, summary: str) -> None:
    """Add a command for the help alone."""
    app.command(name, help=summary)(_not_invoked)


def _not_invoked() -> None:
    """Do nothing: it stands for a command in the help."""
