r"""The REPL's session, with no terminal in it: `handle(line)` gives events to show.

What is typed is a prefix; an empty line samples one token; `:name` is a command, and `\:name` the
prefix `:name`. Enter, Enter, … makes the same document as `tokgen generate` with that prefix and
seed; going back and drawing again makes another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tokgen.errors import RequestError, sentence_about
from tokgen.session.commands import COMMANDS, unknown_command
from tokgen.session.commands.command import Command
from tokgen.session.drawing import sample
from tokgen.session.events import Event, Refused, Told
from tokgen.session.state import State
from tokgen.text_model.beginning import SPELLING_IS_FIXED
from tokgen.text_model.other_case import other_cases
from tokgen.unicode import nfc

NUL = "\0"


class Session:
    """One user with one model. Errors are events; the session is never lost to one.

    Attributes:
        commands: those that may be used, by name: `COMMANDS`, or `COMMANDS_WITHOUT_FILES` for
            somebody whose files these are not.
    """

    def __init__(self, state: State, commands: Mapping[str, Command] = COMMANDS) -> None:
        self.state = state
        self.commands = commands

    def handle(self, line: str) -> Iterator[Event]:
        """Do what one line asks for, and tell what is to be seen as it comes.

        Nothing happens before the first event is asked for. Between two events the session is in
        order: an iterator that is closed, or a KeyboardInterrupt, ends what the line asked for.
        """
        try:
            yield from self._answered(line)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # a plugin may even raise SystemExit
            yield Refused(sentence_about(error))

    def _answered(self, line: str) -> Iterator[Event]:
        if NUL in line:
            raise RequestError("A line cannot hold the character U+0000.")
        if not line:
            yield from sample(self.state)
        elif line.startswith(":"):
            yield from self._command(line)
        else:
            yield from self._typed(nfc(_without_escape(line)))

    def _command(self, line: str) -> Iterator[Event]:
        name, _, rest = line[1:].strip().partition(" ")
        if name not in self.commands:
            raise unknown_command(name, self.commands)
        command, rest = self.commands[name], rest.strip()
        if rest and command.takes_nothing:
            raise RequestError(f":{name} takes nothing behind it: {rest!r} would have no effect.")
        yield from command.run(self.state, rest)

    def _typed(self, text: str) -> Iterator[Event]:
        yield self.state.enter(text)
        if self.state.place.typed.spelling_is_fixed:
            yield Told(SPELLING_IS_FIXED)
        for found in other_cases(self.state.model, {"prefix": text}):
            yield Told(f"{found.sentence} Did you mean {found.written}?")


def _without_escape(line: str) -> str:
    r"""The prefix that was typed: `\:` stands for `:`, `\\:` for `\:`, and so on."""
    return line[1:] if re.match(r"\\+:", line) else line
