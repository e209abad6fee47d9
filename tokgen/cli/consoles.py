"""rich's consoles as tokgen uses them: no text is markup, and a reader that goes is no failure.

They reach into rich (`_check_buffer`, `_buffer`, `_record_buffer`), which lets nobody say in public
what becomes of a print that is interrupted, or how much a recording may hold.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

MOST_REMEMBERED = 200_000


class PlainConsole(Console):
    """A console that prints texts as they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **options)

    def _check_buffer(self) -> None:
        """Drop what Ctrl-C kept from being written, or the next print would begin with it."""
        try:
            super()._check_buffer()
        except KeyboardInterrupt:
            del self._buffer[:]
            raise

    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends in silence; rich would exit with a failure."""
        raise


class RecordingConsole(PlainConsole):
    """A console that remembers what it printed last, for an export.

    It is bounded in the pieces that rich prints, of which a row of a table has a dozen.

    Attributes:
        has_forgotten: whether what was printed first is gone.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(record=True, **options)
        self.has_forgotten = False

    def _check_buffer(self) -> None:
        super()._check_buffer()
        with self._record_buffer_lock:
            self.has_forgotten |= len(self._record_buffer) > MOST_REMEMBERED
            del self._record_buffer[:-MOST_REMEMBERED]

    def remember(self, line: str) -> None:
        """Take what was typed, which stands in the terminal already, among what was printed."""
        with self._record_buffer_lock:
            self._record_buffer.extend(self.render(Text(line, no_wrap=True, overflow="ignore")))
