"""What was typed wrongly, in tokgen's words instead of those of the libraries that noticed it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from tokgen.plugin_api.options import wanted

_WITHOUT_OPTION = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", re.DOTALL)
# What a word may have been meant for, by the name of the parameter.
_MEANT = {
    "corpus": "--corpus NAME|FILE names a corpus",
    "checkpoint": "--checkpoint FILE opens a checkpoint",
    "prefix": "--prefix TEXT gives a beginning",
}


def sentence_of(error: Any) -> str:
    """A sentence about typer's error of usage."""
    said: str = error.format_message().replace("Value error, ", "")
    if (words := _WITHOUT_OPTION.match(said)) and error.ctx is not None:
        return _without_option(words[1], error.ctx)
    cause = error.__cause__
    if isinstance(cause, ValidationError) and getattr(error, "param", None) is not None:
        first = cause.errors(include_url=False, include_context=False)[0]
        if first["msg"].startswith("Input "):
            name = " / ".join([*error.param.opts] or [error.param.name])
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
