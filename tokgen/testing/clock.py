"""Clock: the time that a clause may take; what it cannot finish is told, never counted as kept."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tokgen.testing.clause import ClauseNotCheckedError

Case = TypeVar("Case")

SECONDS_A_CLAUSE = 5.0


class Clock:
    """Runs from the moment when it is made."""

    def __init__(self, seconds: float = SECONDS_A_CLAUSE) -> None:
        self._seconds = seconds
        self._started = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds since it was made, those apart in which it was stopped."""
        return time.perf_counter() - self._started

    def anew(self) -> Clock:
        """Another one with as many seconds, which runs from now on."""
        return Clock(self._seconds)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Does not run inside: what all clauses share is nobody's time."""
        stopped = time.perf_counter()
        try:
            yield
        finally:
            self._started += time.perf_counter() - stopped

    def cases(self, cases: Collection[Case]) -> Iterator[Case]:
        """The cases one after the other, smallest first as they should be given.

        Raises:
            ClauseNotCheckedError: the time is over and some are left.
        """
        for tried, case in enumerate(cases):
            if self.elapsed > self._seconds:
                raise ClauseNotCheckedError(
                    f"it takes longer than {self._seconds:g} s: "
                    f"{tried} of {len(cases)} inputs were tried"
                )
            yield case
