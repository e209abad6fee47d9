"""Where output goes: text and tables to standard output, talk to standard error, both inert."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

from tokgen.text_model.finite_json import finite_json
from tokgen.unicode import inert, inert_json

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED = 130


def cell(text: str) -> str:
    """A document in a table, where nothing would not be seen."""
    return inert(text) or "(empty)"


def say(message: str) -> None:
    """Talk to the user, on standard error; where that is full or gone, the work goes on."""
    with contextlib.suppress(OSError):
        print(inert(message), file=sys.stderr)


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
