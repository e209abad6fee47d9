"""Who waits for a search is told how far it has come, whatever lies between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tokgen.stopping import may_stop

# How many prefixes, or drawn documents, were looked at, and how many at most may be, where that is
# known.
Watch = Callable[[int, int | None], None]

_watches: ContextVar[tuple[Watch, ...]] = ContextVar("watches", default=())


@contextmanager
def watched_by(watch: Watch) -> Iterator[None]:
    """Have every search that goes on here told."""
    before = _watches.set((*_watches.get(), watch))
    try:
        yield
    finally:
        _watches.reset(before)


def tell(looked_at: int, at_most: int | None = None) -> None:
    """Tell how far a search has come; it may be stopped there."""
    may_stop()
    for watch in _watches.get():
        watch(looked_at, at_most)
