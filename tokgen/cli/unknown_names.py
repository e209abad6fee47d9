"""Options and commands that there are not: a sentence about each, with what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from typer.main import get_command

from tokgen.cli import COMMANDS, GROUPS, application

# What tokgen calls an option that other programs call otherwise; each must be one of the command's.
_OTHER_NAMES = {
    "--data": "--corpus",
    "--file": "--corpus",
    "--input": "--corpus",
    "--json": "--format",
    "--limit": "--count",
    "--num": "--count",
    "--number": "--count",
    "--out": "--output",
    "--temperature": "--temp",
}
_MOST_NAMED = 4


def unknown_option(option: str, context: Any, arguments: list[str]) -> str:
    """The command has no such option: where it belongs, or which one is like it."""
    place, own = context.command_path, _options(context.command)
    option = _whole_word(option, arguments)
    said = f"{place!r} has no option {_quoted(option)}"
    if argument := _argument_called(option, context):
        return f"{place!r} takes {argument} without {option}: {place} {argument}."
    if (meant := _OTHER_NAMES.get(option)) in own:
        return f"{said}. Did you mean {meant}?"
    if belongs := _belonging(option, context, arguments):
        return f"{option} {belongs}."
    if near := _nearest(option, own):
        return f"{said}. Did you mean {near}?"
    if "--option" in own and (name := _bare(option).replace("-", "_")).isidentifier():
        return f"{said} (--help shows its options; an option of the model: -o {name}=VALUE)."
    return f"{said} (--help shows its options)."


def unknown_command(name: str, context: Any) -> str:
    """There is no such command: which one is like it, or in which groups it stands.

    Signs in `name` that would disturb a line stand there as their escapes.
    """
    place, own = context.command_path, context.command.list_commands(context)
    said = f"{place!r} has no command '{name}'"
    if close := difflib.get_close_matches(name.casefold(), own, n=1):
        return f"{said}. Did you mean {close[0]!r}?"
    paths = [path for path, _ in _all_commands() if path.split()[-1] == name]
    if paths:
        return f"{said}. Did you mean {listed(map(repr, paths), 'or')}?"
    if context.parent is None:
        return f"{said} (--help lists the commands)."
    return f"{said}: it has {listed(own, 'and')}."


def _whole_word(option: str, arguments: list[str]) -> str:
    """`-temp` where it was typed: what reads the arguments takes it for `-t` with a value."""
    if option.startswith("--"):
        return option
    words = [each for each in arguments if each.startswith(option)]
    return words[0].partition("=")[0] if words else option


def _quoted(option: str) -> str:
    return option if option.isprintable() and " " not in option else repr(option)


def _argument_called(option: str, context: Any) -> str:
    """How an argument of the command is written that has the name of the option, or nothing."""
    named = [each for each in context.command.params if option == f"--{each.name}"]
    return written(named[0]) if named and named[0].param_type_name == "argument" else ""


def written(argument: Any) -> str:
    """An argument as the help writes it."""
    return str(argument.metavar or argument.name.upper())


def _belonging(option: str, context: Any, arguments: list[str]) -> str:
    """Which other commands have the option, as the rest of a sentence; empty where none has it."""
    root, place = context.find_root(), context.command_path
    if option in _options(root.command):
        return f"stands without a command: {root.command_path} {option}"
    having = [path for path, command in _all_commands() if option in _options(command)]
    if hasattr(context.command, "list_commands"):
        inside = [each for each in having if each.startswith(f"{place} ")]
        typed = [each for each in inside if each.split()[-1] in arguments]
        where = [*typed, *inside][:1]
        return f"stands after the name of a command: {where[0]} {option}" if where else ""
    if not having:
        return ""
    shown = [repr(each) for each in having[:_MOST_NAMED]]
    rest = having[_MOST_NAMED:]
    more = [repr(rest[0]) if len(rest) == 1 else f"{len(rest)} more commands"] if rest else []
    return f"belongs to {listed([*shown, *more], 'and')}, not to {place!r}"


def _nearest(option: str, known: Iterable[str]) -> str:
    """The long option that is most like this one, dashes and case apart; empty where none is."""
    typed = _bare(option)
    by_name = {_bare(each): each for each in known if each.startswith("--")}
    begun = [name for name in by_name if len(typed) > 2 and name.startswith(typed)]
    close = begun or difflib.get_close_matches(typed, by_name, n=1)
    return by_name[close[0]] if close else ""


def _bare(option: str) -> str:
    return option.lstrip("-").replace("_", "-").casefold()


def _options(command: Any) -> set[str]:
    """The options of a command, long and short, as they are typed."""
    named = (each for each in command.params if each.param_type_name == "option")
    return {option for each in named for option in (*each.opts, *each.secondary_opts)}


def _all_commands() -> Iterator[tuple[str, Any]]:
    """Every command of tokgen itself, with the words that invoke it."""
    for name, command in get_command(application([*COMMANDS, *GROUPS])).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {})
        yield from ((f"tokgen {name} {each}", found) for each, found in inner.items())
        if not inner:
            yield f"tokgen {name}", command


def listed(words: Iterable[str], joint: str) -> str:
    """`a, b and c`."""
    *others, last = words
    return f"{', '.join(others)} {joint} {last}" if others else last
