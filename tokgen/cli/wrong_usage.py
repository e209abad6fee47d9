"""What was typed wrongly, in tokgen's words instead of those of the libraries that noticed it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from tokgen.cli.unknown_names import listed, unknown_command, unknown_option, written
from tokgen.plugin_api.options import wanted

_WITHOUT_OPTION = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", re.DOTALL)
_NO_SUCH_COMMAND = re.compile(r"No such command (['\"])(.*)\1\.", re.DOTALL)
_NO_CHOICE = re.compile(r": ('.*') is not one of (.*)\.", re.DOTALL)
# What a word may have been meant for, by the name of the parameter.
_MEANT = {
    "corpus": "--corpus NAME|FILE names a corpus",
    "checkpoint": "--checkpoint FILE opens a checkpoint",
    "prefix": "--prefix TEXT gives a beginning",
}


def sentence_of(error: Any, arguments: list[str]) -> str:
    """A sentence about typer's error of usage, made by these arguments of the command line."""
    said: str = error.format_message().replace("Value error, ", "")
    if hasattr(error, "option_name"):
        return _about_option(error, arguments, said)
    if error.ctx is None:
        return said
    if found := _NO_SUCH_COMMAND.match(said):
        return unknown_command(found[2], error.ctx)
    if words := _WITHOUT_OPTION.match(said):
        return _without_option(words[1], error.ctx)
    return _about_parameter(error, said) if getattr(error, "param", None) else said


def _about_option(error: Any, arguments: list[str], said: str) -> str:
    """An option that there is not, one without its value, or one with a value too many."""
    if hasattr(error, "possibilities"):
        return unknown_option(error.option_name, error.ctx, arguments)
    option = error.option_name
    if "does not take a value" in said:
        return f"{option} takes no value: write {option} alone."
    return f"{option} needs a value, which is missing (--help says which)."


def _about_parameter(error: Any, said: str) -> str:
    """A value that does not fit, or an argument that is missing."""
    parameter = error.param
    name = " / ".join([*parameter.opts] or [parameter.name])
    if type(error).__name__ == "MissingParameter":
        missing = written(parameter) if name == parameter.name else name
        said = f"{error.ctx.command_path!r} needs {missing}, which is missing"
        told = parameter.help
        return f"{said}. {missing} is {told[0].lower()}{told[1:]}" if told else f"{said}."
    if found := _NO_CHOICE.search(said):
        return f"{name} should be {listed(found[2].split(', '), 'or')}, not {found[1]}."
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors(include_url=False, include_context=False)[0]
        if first["msg"].startswith("Input "):
            return f"{name} {wanted(first['msg'], first['input'])}."
    return said


def _without_option(words: str, context: Any) -> str:
    taken = {parameter.name for parameter in context.command.params}
    takes_words = any(each.param_type_name == "argument" for each in context.command.params)
    hints = [] if takes_words else [hint for name, hint in _MEANT.items() if name in taken]
    command = context.command_path
    said = (
        f"{words!r} is one too many for {command!r}"
        if takes_words
        else (f"{words!r} stands without an option, which {command!r} does not take")
    )
    return f"{said}: {', '.join(hints)}." if hints else f"{said} (--help shows what it takes)."
