"""The commands of a session: how each is written, what it means, and the function that does it."""

from __future__ import annotations

from collections.abc import Iterator

from tokgen.errors import RequestError, did_you_mean
from tokgen.session.commands.command import Command
from tokgen.session.commands.inspecting import CONDITIONS, LOOKING
from tokgen.session.commands.moving import WALKING
from tokgen.session.commands.settings import SETTING
from tokgen.session.events import Event, Left, Told
from tokgen.session.state import State


def _help(state: State, rest: str) -> Iterator[Event]:
    if rest:
        name = rest.removeprefix(":")
        if name not in COMMANDS:
            raise RequestError(f"There is no command :{name}.{did_you_mean(name, COMMANDS)}")
        yield Told(f"{COMMANDS[name].usage}  {COMMANDS[name].meaning}")
        return
    usages = {name: _shortened(command.usage) for name, command in COMMANDS.items()}
    width = max(map(len, usages.values()))
    lines = [f"{usages[name]:<{width}}  {each.meaning}" for name, each in COMMANDS.items()]
    yield Told("\n".join(["type a prefix to see what may follow; Enter samples a token", *lines]))


def _shortened(usage: str) -> str:
    """A usage without its conditions, which `:help COMMAND` shows."""
    return usage.replace(CONDITIONS, "[…]")


def _quit(state: State, rest: str) -> Iterator[Event]:
    yield Left()


COMMANDS = {
    **WALKING,
    **LOOKING,
    **SETTING,
    "help": Command(":help [COMMAND]", "show this", _help),
    "quit": Command(":quit", "leave", _quit),
}
