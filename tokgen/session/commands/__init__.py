"""The commands of a session: how each is written, what it means, and the function that does it.

`COMMANDS` are all; `COMMANDS_WITHOUT_FILES` are for a session over HTTP, whose user has no files
on this machine and does not let it train.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tokgen.errors import RequestError, did_you_mean
from tokgen.session.commands.command import Command
from tokgen.session.commands.inspecting import CONDITIONS, LOOKING
from tokgen.session.commands.moving import WALKING
from tokgen.session.commands.settings import CORPUS_BY_NAME, SETTING
from tokgen.session.commands.training import TRAINING
from tokgen.session.events import Event, Left, Told
from tokgen.session.state import State

HOW_TO_TYPE = (
    "type a prefix to see what may follow; Enter samples a token",
    r"a prefix that begins with : is typed \: (and \: is typed \\:)",
)


# What the field calls it elsewhere.
_MEANT = {"sampler": "chain", "samplers": "chain"}


def _with_help(commands: Mapping[str, Command]) -> dict[str, Command]:
    """The commands, and those that explain them and leave the session."""
    known = dict(commands)

    def show_help(state: State, rest: str) -> Iterator[Event]:
        yield Told(_help_on(known, rest.removeprefix(":")) if rest else _overview(known))

    known["help"] = Command(":help [COMMAND]", "show this", show_help)
    known["quit"] = Command(":quit", "leave", _quit)
    return known


def commands_with(more: Mapping[str, Command]) -> dict[str, Command]:
    """All commands and more, as whoever shows the session has them."""
    return _with_help({**_ALL, **more})


def unknown_command(name: str, commands: Mapping[str, Command]) -> RequestError:
    """There is no such command; the one that is meant, or the nearest, is suggested."""
    hint = did_you_mean(_MEANT.get(name, name), commands)
    return RequestError(f"There is no command :{name}.{hint}")


def _help_on(commands: Mapping[str, Command], name: str) -> str:
    if name not in commands:
        raise unknown_command(name, commands)
    return f"{commands[name].usage}  {commands[name].meaning}"


def _overview(commands: Mapping[str, Command]) -> str:
    usages = {name: _shortened(command.usage) for name, command in commands.items()}
    width = max(map(len, usages.values()))
    lines = [f"{usages[name]:<{width}}  {each.meaning}" for name, each in commands.items()]
    return "\n".join([*HOW_TO_TYPE, *lines])


def _shortened(usage: str) -> str:
    """A usage without its conditions, which `:help COMMAND` shows."""
    return usage.replace(CONDITIONS, "[…]")


def _quit(state: State, rest: str) -> Iterator[Event]:
    yield Left()


_ALL = {**WALKING, **LOOKING, **TRAINING, **SETTING}
COMMANDS = _with_help(_ALL)
COMMANDS_WITHOUT_FILES = _with_help(
    {
        name: command
        for name, command in (_ALL | {"corpus": CORPUS_BY_NAME}).items()
        if not (command.opens_files or command.trains)
    }
)
