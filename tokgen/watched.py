"""Who waits for long work is told how far it has come, whatever lies between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tokgen.stopping import may_stop

# How much was done, and how much at most there is to do, where that is known.
Watch = Callable[[int, int | None], None]


class Watched:
    """One kind of work, and who waits for it.

    Args:
        done: what becomes of each thing that is counted, in words: `searched`.
    """

    def __init__(self, done: str) -> None:
        self.done = done
        self._watches: ContextVar[tuple[Watch, ...]] = ContextVar(done, default=())

    @contextmanager
    def by(self, watch: Watch) -> Iterator[None]:
        """Have all work of this kind that goes on inside tell this watch."""
        before = self._watches.set((*self._watches.get(), watch))
        try:
            yield
        finally:
            self._watches.reset(before)

    def tell(self, done: int, at_most: int | None = None) -> None:
        """Tell how far the work has come; it may be stopped there."""
        may_stop()
        for watch in self._watches.get():
            watch(done, at_most)
