"""Work off the event loop, and how much of it there may be at a time.

An iterator goes on in threads, a slice of time after the other. Between two slices other requests
have their turn, and a client that has gone away ends the work.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, to_thread

from tokgen.server.api_errors import ApiError
from tokgen.server.limits import Limits

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
        """What a function returns that a thread runs."""
        return await to_thread.run_sync(work, limiter=self.threads)


async def slices(
    work: Iterator[Item], threads: CapacityLimiter
) -> AsyncGenerator[list[Item], None]:
    """What an iterator gives, as lists: each holds what came in one slice of time."""
    while batch := await to_thread.run_sync(partial(_slice, work), limiter=threads):
        yield batch


def _slice(work: Iterator[Item]) -> list[Item]:
    begun, taken = time.monotonic(), []
    for each in work:
        taken.append(each)
        if time.monotonic() - begun > SLICE_SECONDS:
            break
    return taken
