"""The REPL's session, with no terminal in it: `handle(line)` gives events to show.

What is typed is a prefix; an empty line samples one token; `:name` is a command. Enter, Enter, …
makes the same document as `tokgen generate` with that prefix and seed; going back and drawing
again makes another.
"""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.errors import RequestError, TokgenError, did_you_mean
from tokgen.session.commands import COMMANDS
from tokgen.session.events import Event, Refused
from tokgen.session.state import Node, State

NUL = "\0"


class Session:
    """One user with one model. Errors are events; the session is never lost to one."""

    def __init__(self, state: State) -> None:
        self.state = state

    def handle(self, line: str) -> list[Event]:
        """Do what one line asks for, and tell what is to be seen."""
        try:
            return list(self._answered(line.strip()))
        except TokgenError as error:
            return [Refused(str(error))]

    def _answered(self, line: str) -> Iterator[Event]:
        if NUL in line:
            raise RequestError("A line cannot hold the character U+0000.")
        if line.startswith(":"):
            name, _, rest = line[1:].partition(" ")
            if name not in COMMANDS:
                raise RequestError(f"There is no command :{name}.{did_you_mean(name, COMMANDS)}")
            yield from COMMANDS[name].run(self.state, rest.strip())
        elif line:
            self.state.undone.clear()
            yield self.state.move(Node(line))
        else:
            yield from self.state.sample()
