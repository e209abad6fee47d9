"""Line after line to a session and its answers back; only :quit and the end of the lines end it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from tokgen.cli.interruption import Interrupting
from tokgen.errors import sentence_about
from tokgen.session.events import Event, Left, Refused
from tokgen.session.session import Session


def converse(session: Session, lines: Iterable[str], tell: Callable[[Event], None]) -> None:
    """Answer lines until one ends the session; `OSError` where what is told cannot be written."""
    for line in lines:
        if _answer(session, line, tell):
            return


def converse_with_person(
    session: Session, lines: Iterable[str], tell: Callable[[Event], None]
) -> None:
    """The same where somebody types: Ctrl-C ends what a line asked for, and never the session."""
    before = signal.signal(signal.SIGINT, _not_now)
    try:
        for line in lines:
            try:
                with _interruptible():
                    if _answer(session, line, tell):
                        return
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, _not_now)
                tell(Refused("interrupted"))
    finally:
        signal.signal(signal.SIGINT, before)


def _answer(session: Session, line: str, tell: Callable[[Event], None]) -> bool:
    """Tell what one line brings; whether it ends the session."""
    try:
        for event in session.handle(line):
            tell(event)
            sys.stdout.flush()
            if isinstance(event, Left):
                return True
    except OSError:
        raise
    except Exception as error:  # a view fails, not what it shows
        tell(Refused(sentence_about(error)))
    return False


@contextmanager
def _interruptible() -> Iterator[None]:
    signal.signal(signal.SIGINT, Interrupting())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _not_now)


def _not_now(number: int, frame: FrameType | None) -> None:
    """Ctrl-C between two lines has nothing to end."""
