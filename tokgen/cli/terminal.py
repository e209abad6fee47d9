"""Where output goes: text and tables to standard output, talk to standard error, both inert."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any, TextIO

from tokgen.text_model.finite_json import finite_json
from tokgen.unicode import inert, inert_json

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED = 130


def cell(text: str) -> str:
    """A document in a table, where nothing would not be seen."""
    return inert(text) or "(empty)"


def say(message: str) -> None:
    """Talk to the user, on standard error; where that is full or gone, the work goes on.

    On a terminal a long line goes on below between two words.
    """
    with contextlib.suppress(OSError):
        print(_fitted(inert(message), sys.stderr), file=sys.stderr)


def print_line(line: str) -> None:
    """A line on standard output; on a terminal a long one goes on below between two words."""
    print(_fitted(line, sys.stdout))


def _fitted(line: str, stream: TextIO) -> str:
    width = _columns(stream)
    return "\n".join(hanging(line, width)) if width else line


def _columns(stream: TextIO) -> int | None:
    """How many columns the terminal has that a stream goes to; None where it goes to none."""
    if not stream.isatty():
        return None
    named = os.environ.get("COLUMNS", "")
    return int(named) if named.isdecimal() else os.get_terminal_size(stream.fileno()).columns


def hanging(line: str, width: int) -> list[str]:
    """A line as it fits: what does not stands below the text that it goes on, not at the edge.

    A word with a gap behind it is a heading, and what follows goes on below what stands beside it.
    """
    headed = re.match(r"\s*\S+\s{2,}", line)
    begin = len(line) - len(line.lstrip())
    indent = min(headed.end() if headed else begin, width // 3)
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [""]


def print_json(value: Any) -> None:
    """One JSON object on one line."""
    print(json_line(value))


def json_line(value: Any) -> str:
    """A value as JSON on one line, numbers in full precision, the same to a terminal and a file.

    Of its characters only those are escaped that JSON cannot hold or that would act in a terminal.
    """
    return inert_json(json.dumps(finite_json(value), ensure_ascii=False, allow_nan=False))


def output_console() -> Console:
    """A rich console on standard output."""
    from tokgen.cli.consoles import PlainConsole

    return PlainConsole()


def talk_console() -> Console:
    """A rich console on standard error."""
    from tokgen.cli.consoles import PlainConsole

    return PlainConsole(stderr=True)
