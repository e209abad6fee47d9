"""The clauses of commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from tokgen import registry
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.every_kind import importing
from tokgen.testing.plugin_under_test import UnderTest

__all__ = ["CLAUSES", "CommandUnderTest"]


class CommandUnderTest(UnderTest):
    """A command, which has no class of a contract."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__(registry.find("commands", name))


@clause
def typer_app(command: CommandUnderTest) -> None:
    """The entry point names a Typer app or a function.

    Why: tokgen adds it to its own commands, with its arguments, its help and its errors.

    Mend: write `app = typer.Typer()`, decorate the function with `@app.command()`, and let the
    entry point end in `:app`.
    """
    made = _made(command)
    if not (callable(made) and not isinstance(made, type)):
        raise ClauseViolatedError(f"it is {type(made).__name__}", command.found.shown_reference)


@follows_from(typer_app)
@clause
def command_line(command: CommandUnderTest) -> None:
    """Typer can make a command line of the app: it has a command, and knows every annotation.

    Why: Typer looks at the functions only when the command is used, and then stops with a
    traceback.

    Mend: decorate a function with `@app.command()`; annotate each argument with one type: `str`,
    `int`, `float`, `bool`, `Path`, an `Enum` or a list of one of these.
    """
    _command_line_of(command)


@follows_from(typer_app, command_line)
@clause
def command_help(command: CommandUnderTest) -> None:
    """Each command of the app says in its help what it does.

    Why: `tokgen --help` and `tokgen NAME --help` show these sentences, and nothing else tells a
    user what the command is for.

    Mend: write one sentence under the line that begins with `def`.
    """
    for name, one in _commands_in(command.found.name, _command_line_of(command)):
        if not one.help:
            raise ClauseViolatedError(f"{name!r} has no help", command.found.shown_reference)


def _made(command: CommandUnderTest) -> Any:
    return registry.load_command(command.found.name)[1]


def _command_line_of(command: CommandUnderTest) -> Any:
    """The command line of an app or a function, as tokgen would mount it."""
    app = _made(command)
    if not isinstance(app, typer.Typer):
        function, app = app, typer.Typer()
        app.command()(function)
    try:
        return typer.main.get_command(app)
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ClauseViolatedError(told, command.found.shown_reference) from None


def _commands_in(name: str, one: Any) -> Iterator[tuple[str, Any]]:
    """Each command that can be invoked, with the words that invoke it."""
    inside = getattr(one, "commands", None)
    if inside is None:
        yield name, one
        return
    for word, each in inside.items():
        yield from _commands_in(f"{name} {word}", each)


CLAUSES: tuple[Clause, ...] = (*importing.CLAUSES, typer_app, command_line, command_help)
