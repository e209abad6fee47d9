"""Clock: the time that a clause may take; what it cannot finish is told, never counted as kept."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tokgen.testing.clause import ClauseOutOfTimeError

Case = TypeVar("Case")

SECONDS_A_CLAUSE = 5.0


class Clock:
    """Runs from the moment when it is made."""

    def __init__(self, seconds: float = SECONDS_A_CLAUSE) -> None:
        self._seconds = seconds
        self._started = time.perf_counter()
        self._tried, self._inputs = 0, 0

    @property
    def elapsed(self) -> float:
        """Seconds since it was made, those apart in which it was stopped."""
        return time.perf_counter() - self._started

    @property
    def kept(self) -> str:
        """On which of the inputs nothing was wrong, amid a loop over `cases`; empty elsewhere."""
        if not self._tried:
            return ""
        return f"on the first {self._tried} of {self._inputs} inputs"

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
            ClauseOutOfTimeError: the time is over and some are left.
        """
        self._inputs = len(cases)
        for self._tried, case in enumerate(cases):
            if self.elapsed > self._seconds:
                raise ClauseOutOfTimeError(
                    f"it takes longer than {self._seconds:g} s: "
                    f"{self._tried} of {len(cases)} inputs were tried",
                    self.elapsed * len(cases) / max(self._tried, 1),
                )
            yield case
        self._tried = 0
