"""How far long work has come: in lines, now and then, where no line on a terminal can change."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokgen.cli.pace import duration
from tokgen.cli.terminal import say
from tokgen.watched import Watched

FIRST_TOLD = 10.0
RARER = 2.0


class WorkTold:
    """Says how much was done when ten seconds are over, and each time they have doubled.

    Args:
        doing: what takes so long, in words.
        work: what is counted of it.
        clock: the time in seconds.
    """

    def __init__(
        self, doing: str, work: Watched, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._doing = doing
        self._work = work
        self._clock = clock
        self._began = self._pass_began = clock()
        self._next = FIRST_TOLD
        self._done = 0

    def __call__(self, done: int, at_most: int | None) -> None:
        """Take notice of how much was done, and of how much at most there is to do."""
        now = self._clock()
        # It has begun again: a search in a wider beam, or the next batch.
        if done < self._done or not done:
            self._pass_began = now
        self._done = done
        if not done or now - self._began < self._next:
            return
        self._next = RARER * (now - self._began)
        told = counted_of(self._work, done, at_most)
        left = ((at_most or 0) - done) * (now - self._pass_began) / max(done, 1)
        more = f", {duration(left)} more at most in this round" if left > 0 else ""
        say(f"{self._doing}: {told}{more}; Ctrl-C ends it")


def counted_of(work: Watched, done: int, at_most: int | None) -> str:
    """`120 of at most 4,000 searched`."""
    return f"{done:,}{'' if at_most is None else f' of at most {at_most:,}'} {work.done}"
