"""Work off the event loop: an iterator goes on in threads, a slice of time after the other.

Between two slices other requests have their turn, and a client that has gone away ends the work.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

SLICE_SECONDS = 0.02

Item = TypeVar("Item")


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
