"""How far a search has come: in lines, now and then, where no line on a terminal can change."""

from __future__ import annotations

import time
from collections.abc import Callable

from tokgen.cli.pace import duration
from tokgen.cli.terminal import say

FIRST_TOLD = 10.0
RARER = 2.0


class SearchTold:
    """Says how much was looked at when ten seconds are over, and each time they have doubled.

    Args:
        doing: what takes so long, in words.
        clock: the time in seconds.
    """

    def __init__(self, doing: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._doing = doing
        self._clock = clock
        self._began = self._pass_began = clock()
        self._next = FIRST_TOLD
        self._looked_at = 0

    def __call__(self, looked_at: int, at_most: int | None) -> None:
        """Take notice of how many were looked at, and of how many at most may be."""
        now = self._clock()
        if looked_at < self._looked_at:  # It has begun again, in a wider beam.
            self._pass_began = now
        self._looked_at = looked_at
        if now - self._began < self._next:
            return
        self._next = RARER * (now - self._began)
        told = counted_of(looked_at, at_most)
        left = ((at_most or 0) - looked_at) * (now - self._pass_began) / max(looked_at, 1)
        more = f", {duration(left)} more at most" if left > 0 else ""
        say(f"{self._doing}: {told}{more}; Ctrl-C ends it")


def counted_of(looked_at: int, at_most: int | None) -> str:
    """`120 of at most 4,000 searched`."""
    return f"{looked_at:,}{'' if at_most is None else f' of at most {at_most:,}'} searched"
