"""Long work looks, between two of its steps, whether anybody still waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _nobody_stops_it() -> None:
    pass


_looking: ContextVar[Callable[[], None]] = ContextVar("looking", default=_nobody_stops_it)


@contextmanager
def stopped_by(look: Callable[[], None]) -> Iterator[None]:
    """Have the work that is done inside call `look` often; what it raises ends that work."""
    before = _looking.set(look)
    try:
        yield
    finally:
        _looking.reset(before)


def may_stop() -> None:
    """The work may stop here: what it has built so far is dropped with it."""
    _looking.get()()
