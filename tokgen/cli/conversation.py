"""Line after line to a session and its answers back; only :quit and the end of the lines end it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

from tokgen.cli.interruption import Interrupting
from tokgen.cli.unechoed import unechoed
from tokgen.cli.waiting import waiting
from tokgen.errors import sentence_about
from tokgen.exact.search.watch import searches
from tokgen.generation.scoring import tokens_read
from tokgen.session.events import Event, Left, Refused
from tokgen.session.session import Session

Meanwhile = Callable[[], AbstractContextManager[None]]


def converse(session: Session, lines: Iterable[str], tell: Callable[[Event], None]) -> None:
    """Answer lines until one ends the session; `OSError` where what is told cannot be written."""
    for line in lines:
        if _answer(session, line, tell, nullcontext):
            return


def converse_with_person(
    session: Session, lines: Iterable[str], tell: Callable[[Event], None]
) -> None:
    """The same where somebody types: Ctrl-C ends what a line asked for, and never the session.

    What takes long says so until something is told.
    """
    before = signal.signal(signal.SIGINT, _not_now)
    try:
        for line in lines:
            try:
                with _interruptible(), unechoed():
                    if _answer(session, line, tell, _waiting):
                        return
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, _not_now)
                tell(Refused("interrupted"))
    finally:
        signal.signal(signal.SIGINT, before)


def _answer(
    session: Session, line: str, tell: Callable[[Event], None], meanwhile: Meanwhile
) -> bool:
    """Tell what one line brings; whether it ends the session."""
    try:
        for event in _each(session.handle(line), meanwhile):
            tell(event)
            sys.stdout.flush()
            if isinstance(event, Left):
                return True
    except OSError:
        raise
    except Exception as error:  # a view fails, not what it shows
        tell(Refused(sentence_about(error)))
    return False


def _each(events: Iterator[Event], meanwhile: Meanwhile) -> Iterator[Event]:
    """The events; `meanwhile` is entered as long as the next one is waited for."""
    while True:
        with meanwhile():
            event = next(events, None)
        if event is None:
            return
        yield event


def _waiting() -> AbstractContextManager[None]:
    return waiting("computing", searches, tokens_read)


@contextmanager
def _interruptible() -> Iterator[None]:
    signal.signal(signal.SIGINT, Interrupting())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _not_now)


def _not_now(number: int, frame: FrameType | None) -> None:
    """Ctrl-C between two lines has nothing to end."""
