"""The three standard streams as a process finds them: closed, full, or in another encoding."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Literal, TextIO


def open_closed_streams() -> None:
    """Put something in the place of each stream that the caller closed.

    Otherwise the next file that is opened gets its number, and what is printed goes into that file.
    Standard input is empty then, standard error goes nowhere; writing to standard output fails.
    """
    for descriptor in range(3):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            continue
        os.open(os.devnull, os.O_WRONLY if descriptor == 2 else os.O_RDONLY)
    sys.stdin = sys.stdin or _stream(0, "r")
    sys.stdout = sys.stdout or _stream(1, "w")
    sys.stderr = sys.stderr or _stream(2, "w")


def use_utf8() -> None:
    """Text is UTF-8 whatever the locale; what a terminal cannot show must not end a command."""
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _stream(descriptor: int, mode: Literal["r", "w"]) -> TextIO:
    return open(descriptor, mode, encoding="utf-8", closefd=False)
