"""`:export FILE` in a session: what was shown, as text or as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tokgen.files import text_to, writing_whole
from tokgen.paths import user_path
from tokgen.session.commands.command import Command, needed
from tokgen.session.events import Event, Told
from tokgen.session.state import State

if TYPE_CHECKING:
    from rich.console import Console

USAGE = ":export FILE"


def export_command(console: Console) -> Command:
    """The command that writes what this console has recorded."""

    def export(state: State, rest: str) -> Iterator[Event]:
        path = user_path(needed(rest, USAGE))
        _write(console, path)
        yield Told(f"exported to {path}")

    return Command(USAGE, "write what was shown, as text or as an SVG picture", export, True)


def _write(console: Console, path: Path) -> None:
    shown = (
        console.export_svg(title="tokgen", clear=False)
        if path.suffix == ".svg"
        else console.export_text(clear=False)
    )
    with writing_whole(path) as file:
        text_to(file).write(shown)
