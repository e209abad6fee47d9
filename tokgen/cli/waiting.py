"""What takes so long, and for how long: a line on a terminal that goes when it is done."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tokgen.cli.searching import WorkTold, counted_of
from tokgen.cli.terminal import talk_console
from tokgen.cli.unechoed import unechoed
from tokgen.exact.search.watch import searches
from tokgen.watched import Watch, Watched

if TYPE_CHECKING:
    from rich.text import Text

PATIENCE = 1.0


@contextmanager
def waiting(doing: str, *works: Watched) -> Iterator[None]:
    """Say what takes so long: on a terminal after a moment, else after some seconds.

    `works` are those of which it is told how far they have come; none stands for searches.
    """
    counted = works or (searches,)
    with ExitStack() as told:
        if sys.stderr.isatty():
            line = _Line(doing)
            told.enter_context(unechoed())
            for work in counted:
                told.enter_context(work.by(line.counting(work)))
            told.enter_context(_shown(line))
        else:
            for work in counted:
                told.enter_context(work.by(WorkTold(doing, work)))
        yield


class _Line:
    """`⠋ computing … 120 of at most 4,000 searched, 7 s`, drawn anew as long as it is shown."""

    def __init__(self, doing: str, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.status import Status

        self._doing, self._counted = doing, ""
        self._clock, self._began = clock, clock()
        self._status = Status(self, console=talk_console())
        self._timer = threading.Timer(0, self._status.start)

    def counting(self, work: Watched) -> Watch:
        """Takes notice of how far the work has come."""

        def count(done: int, at_most: int | None) -> None:
            self._counted = f"{counted_of(work, done, at_most)}, "

        return count

    def show(self) -> None:
        """From when the work has taken a moment."""
        left = PATIENCE - (self._clock() - self._began)
        self._timer = threading.Timer(max(left, 0.0), self._status.start)
        self._timer.start()

    def hide(self) -> None:
        """Leave the terminal as it was."""
        self._timer.cancel()
        if self._timer.is_alive():
            self._timer.join()
        self._status.stop()

    def __rich__(self) -> Text:
        from rich.text import Text

        seconds = int(self._clock() - self._began)
        return Text(f"{self._doing} … {self._counted}{seconds:,} s")


# Those that wait now, the outermost first; only the last one is shown.
_lines: list[_Line] = []


@contextmanager
def _shown(line: _Line) -> Iterator[None]:
    with put_away():
        try:
            _lines.append(line)
            line.show()
            yield
        finally:
            _lines.remove(line)
            line.hide()


@contextmanager
def put_away() -> Iterator[None]:
    """Meanwhile the line that is shown makes room for something else on the terminal."""
    outer = _lines[-1] if _lines else None
    if outer is not None:
        outer.hide()
    try:
        yield
    finally:
        if outer is not None:
            outer.show()
