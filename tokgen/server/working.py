"""Work off the event loop, and how much of it there may be at a time.

An iterator goes on in threads, a slice of time after the other. Between two slices other requests
have their turn. Who no longer waits for what a thread does cancels it: the thread looks between two
of its steps.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, from_thread, to_thread

from tokgen.server.api_errors import ApiError
from tokgen.server.limits import Limits
from tokgen.stopping import stopped_by

SLICE_SECONDS = 0.02

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Workers:
    """The threads that answer, and how many requests they have.

    Attributes:
        exact_work: held by the one request at a time that has the memory for exact work.
    """

    def __init__(self, limits: Limits) -> None:
        self.threads = CapacityLimiter(limits.threads)
        self.exact_work = Semaphore(1)
        self._most = limits.requests
        self._answering = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """One request more while it is answered.

        Raises:
            ApiError: 429, there are as many as the server answers at a time.
        """
        self._answering += 1
        try:
            if self._answering > self._most:
                most = f"The server answers {self._most} requests at a time."
                raise ApiError(429, f"{most} Try again in a moment.", code="rate_limit_exceeded")
            yield
        finally:
            self._answering -= 1

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """What a function returns that a thread runs, as long as somebody waits for it."""
        return await to_thread.run_sync(partial(_while_wanted, work), limiter=self.threads)

    async def run_for_all(self, work: Callable[[], Answer]) -> Answer:
        """The same to its end: others wait for it, too."""
        return await to_thread.run_sync(work, limiter=self.threads)


async def slices(
    work: Iterator[Item], threads: CapacityLimiter
) -> AsyncGenerator[list[Item], None]:
    """What an iterator gives, as lists: each holds what came in one slice of time."""
    a_slice = partial(_while_wanted, partial(_slice, work))
    while batch := await to_thread.run_sync(a_slice, limiter=threads):
        yield batch


def _while_wanted(work: Callable[[], Answer]) -> Answer:
    with stopped_by(from_thread.check_cancelled):
        return work()


def _slice(work: Iterator[Item]) -> list[Item]:
    begun, taken = time.monotonic(), []
    for each in work:
        taken.append(each)
        if time.monotonic() - begun > SLICE_SECONDS:
            break
    return taken
