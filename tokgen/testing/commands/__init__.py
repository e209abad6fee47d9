"""The clauses of commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokgen import registry
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
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
    _, made = registry.load_command(command.found.name)
    if not (callable(made) and not isinstance(made, type)):
        raise ClauseViolatedError(f"it is {type(made).__name__}", command.found.reference)


CLAUSES: tuple[Clause, ...] = (*importing.CLAUSES, typer_app)
