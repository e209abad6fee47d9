"""The three standard streams as a process finds them: closed, full, or in another encoding."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Literal, TextIO

from tokgen.cli.terminal import say
from tokgen.unicode import REPLACEMENT

LONGEST_LINE = 1 << 20


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


def piped_lines() -> Iterator[str]:
    """The lines of standard input without their ends.

    Bytes that are not UTF-8 become U+FFFD, which is said once; so is a line too long to be typed.
    """
    with contextlib.suppress(AttributeError):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]
    is_told = False
    while line := sys.stdin.readline(LONGEST_LINE):
        if _is_cut(line):
            while _is_cut(sys.stdin.readline(LONGEST_LINE)):
                pass
            say(f"a line of {LONGEST_LINE:,} characters or more is left out")
            continue
        text = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if text != line and not is_told:
            say(f"standard input is not UTF-8: each byte that is not is read as {REPLACEMENT}")
            is_told = True
        yield text.removesuffix("\n")


def _is_cut(line: str) -> bool:
    return len(line) == LONGEST_LINE and not line.endswith("\n")


def _stream(descriptor: int, mode: Literal["r", "w"]) -> TextIO:
    return open(descriptor, mode, encoding="utf-8", closefd=False)
