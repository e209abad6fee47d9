"""How many lines a view may have, so that its first line has not gone when its last comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# What a command was typed into, and the prompt that comes after it.
PROMPTS = 3
LINES_ELSEWHERE = 24


def lines_there_are(console: Console) -> int:
    """The lines of the terminal below a prompt, of a usual one where the output is no terminal."""
    return (console.height if console.is_terminal else LINES_ELSEWHERE) - PROMPTS


def rows_that_fit(console: Console, beside: int) -> int | None:
    """How many rows stand on the terminal with so many other lines; None where there is none."""
    return max(lines_there_are(console) - beside, 1) if console.is_terminal else None
