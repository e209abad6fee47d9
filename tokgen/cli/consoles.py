"""rich's consoles as tokgen uses them: no text is markup, and a reader that goes is no failure."""

from __future__ import annotations

from typing import Any

from rich.console import Console


class PlainConsole(Console):
    """A console that prints texts as they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends in silence; rich would exit with a failure."""
        raise
