"""The commands of a session: how each is written, what it means, and the function that does it.

`COMMANDS` are all; `COMMANDS_WITHOUT_FILES` are for a session over HTTP, whose user has no files
on this machine and does not let it train.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from tokgen.errors import RequestError, did_you_mean
from tokgen.session.commands.command import Command
from tokgen.session.commands.examples import EXAMPLES, TOPICS
from tokgen.session.commands.inspecting import CONDITIONS, LOOKING
from tokgen.session.commands.moving import WALKING
from tokgen.session.commands.opening import CORPUS_BY_NAME, OPENING
from tokgen.session.commands.settings import SETTING
from tokgen.session.commands.training import TRAINING
from tokgen.session.events import Event, Left, Told
from tokgen.session.state import State

HOW_TO_TYPE = (
    "type a prefix to see what may follow; Enter samples a token",
    "the row - is the end of the document (␃ where words of the corpus contain -)",
    r"a prefix that begins with : is typed \: (and \: is typed \\:)",
)
HOW_TO_ASK = ":help NAME says what a command does, with an example."
LINE, TOPIC = 76, 10
UNBROKEN = "\N{NO-BREAK SPACE}"


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
    hint = did_you_mean(f":{_MEANT.get(name, name)}", [f":{each}" for each in commands])
    return RequestError(f"There is no command :{name}.{hint}")


def _help_on(commands: Mapping[str, Command], name: str) -> str:
    if name not in commands:
        raise unknown_command(name, commands)
    command, example = commands[name], EXAMPLES[name]
    meaning = f"{command.usage}  {command.meaning}"
    return "\n".join([meaning, f"example: {example.typed}", f"  {example.answers}"])


def _overview(commands: Mapping[str, Command]) -> str:
    """How each command is typed, by topic, so that a screen holds them all."""
    of_a_topic = {name for names in TOPICS.values() for name in names}
    topics = {**TOPICS, "More": tuple(name for name in commands if name not in of_a_topic)}
    lines: list[str] = []
    for topic, names in topics.items():
        usages = [_unbroken(commands[name].usage) for name in names if name in commands]
        lines += _wrapped(topic, usages)
    return "\n".join([*HOW_TO_TYPE, "", *lines, "", HOW_TO_ASK])


def _wrapped(topic: str, usages: Sequence[str]) -> list[str]:
    """A topic with its usages, in lines that break between two of them alone."""
    if not usages:
        return []
    text = f"{topic:<{TOPIC}}".replace(" ", UNBROKEN) + "   ".join(usages)
    lines = textwrap.wrap(text, LINE, subsequent_indent=" " * TOPIC, break_on_hyphens=False)
    return [line.replace(UNBROKEN, " ") for line in lines]


def _unbroken(usage: str) -> str:
    """A usage in one piece, without its conditions, which `:help COMMAND` shows."""
    return _shortened(usage).replace(" ", UNBROKEN)


def _shortened(usage: str) -> str:
    return usage.replace(CONDITIONS, "[…]")


def _quit(state: State, rest: str) -> Iterator[Event]:
    yield Left()


_ALL = {**WALKING, **LOOKING, **TRAINING, **OPENING, **SETTING}
COMMANDS = _with_help(_ALL)
COMMANDS_WITHOUT_FILES = _with_help(
    {
        name: command
        for name, command in (_ALL | {"corpus": CORPUS_BY_NAME}).items()
        if not (command.opens_files or command.trains)
    }
)
