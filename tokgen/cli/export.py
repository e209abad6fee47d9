"""`:export FILE` in a session: what was shown, as a page, a picture, Markdown or text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tokgen.errors import RequestError, did_you_mean
from tokgen.files import text_to, writing_whole
from tokgen.paths import user_path
from tokgen.reading import check_no_checkpoint
from tokgen.session.commands.command import Command, needed
from tokgen.session.events import Event, Told
from tokgen.session.state import State

if TYPE_CHECKING:
    from rich.console import Console

    from tokgen.cli.consoles import RecordingConsole

USAGE = ":export FILE"
ENDINGS = ("html", "svg", "md", "txt")
# rich names a font on another host; a hand-out must not ask any when it is opened.
FONTS_ELSEWHERE = re.compile(r"@font-face \{.*?\}\s*", flags=re.DOTALL)


def export_command(console: RecordingConsole) -> Command:
    """The command that writes what this console has recorded."""

    def export(state: State, rest: str) -> Iterator[Event]:
        path = user_path(needed(rest, USAGE))
        check_no_checkpoint(path)
        _write(_exported(console, path), path)
        missing = ", without what was shown first: the session is too long"
        yield Told(f"exported to {path}{missing if console.has_forgotten else ''}")

    meaning = "write what was shown: .html, .svg, .md, or text"
    return Command(USAGE, meaning, export, True)


def _exported(console: Console, path: Path) -> str:
    """What was shown, in the format that the file's ending names; without an ending, text.

    Raises:
        RequestError: there is no such format.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in ("", *ENDINGS):
        raise RequestError(
            f"Cannot export {str(path)!r}: {ending!r} is no format of a session."
            f"{did_you_mean(ending, ENDINGS)}"
        )
    if ending == "html":
        return console.export_html(clear=False)
    if ending == "svg":
        return FONTS_ELSEWHERE.sub("", console.export_svg(title="tokgen", clear=False))
    text = console.export_text(clear=False)
    return _as_code(text) if ending == "md" else text


def _as_code(text: str) -> str:
    """Text as a code block of Markdown, fenced by more backticks than stand in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"# A session of tokgen\n\n{fence}text\n{text.rstrip()}\n{fence}\n"


def _write(shown: str, path: Path) -> None:
    with writing_whole(path) as file:
        text_to(file).write(shown)
