"""Array types, and array work in parts of a cache's size on every core.

Shapes: B sequences, T tokens, V vocabulary.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import OpenBLASController, ThreadpoolController

Room = TypeVar("Room")

# Parts take less; what hangs is not waited for.
SECONDS_FOR_A_PART = 1.0


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


class _OneBlasThread:
    """Matrix products stay on the thread that asks for them, while anybody is inside.

    Whoever is first sets the limit and whoever is last puts back what there was before: each for
    itself, the second to come would find the first one's limit and leave it behind for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                _let_every_thread_limit()
                self._limit = _blas().limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                _let_every_thread_limit()
                self._limit.restore_original_limits()
                _let_every_thread_limit()


def _let_every_thread_limit() -> None:
    """From 3.8 on threadpoolctl obeys the thread that set a limit first, and no other."""
    forget_first = getattr(OpenBLASController, "clear_controlling_thread", None)
    if forget_first is not None:
        forget_first(force=True)


_one_blas_thread = _OneBlasThread()
_this_thread = threading.local()


@cache
def _cores() -> int:
    return os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    """One for all: to begin a thread takes as long as some parts do."""
    return ThreadPoolExecutor(_cores())


if sys.platform != "win32":
    # A child process has none of its parent's threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)


def in_parts(
    work: Callable[[slice, Room], None],
    count: int,
    at_once: int,
    make_room: Callable[[], Room],
) -> None:
    """Call `work` for consecutive slices of `at_once` that cover `count` rows.

    Several slices run at once on all cores, so `work` must be safe to call from several threads; a
    call inside `work` stays on its thread. Each thread reserves memory of its own first, because
    threads that allocate arrays make each other wait. Each matrix product stays on the thread that
    asks for it: BLAS's own threads spin for a while after a product, and would take the cores from
    the next slices.
    """
    parts = [slice(begin, min(begin + at_once, count)) for begin in range(0, count, at_once)]
    waiting = iter(parts)

    def work_on() -> None:
        room = make_room()
        for part in waiting:
            work(part, room)

    def work_beside_others() -> None:
        _this_thread.has_a_core = True
        work_on()

    workers = min(len(parts), _cores())
    with _one_blas_thread:
        if workers <= 1 or getattr(_this_thread, "has_a_core", False):
            work_on()
            return
        working = [_pool().submit(work_beside_others) for _ in range(workers)]
        try:
            for done in working:
                done.result()
        finally:
            # Where one failed or the user interrupted, the others begin no further part, and end
            # theirs while BLAS has one thread: it must not get others in the middle of a product.
            deque(waiting, maxlen=0)
            wait(working, SECONDS_FOR_A_PART)


Floats = NDArray[np.float64]


Ints = NDArray[np.int64]


Arrays = dict[str, NDArray[Any]]


Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """The same numbers, seen through a view that refuses to be written into."""
    view = array.view()
    view.setflags(write=False)
    return view


def row_numbers(rows: Ints, base: int) -> Ints:
    """Equal numbers (N,) for equal rows (N, k) of digits below `base`."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    largest = 1
    for column in rows.T:
        if largest * base >= 1 << 62:
            _, numbers = np.unique(numbers, return_inverse=True)
            largest = len(rows)
        numbers = numbers * base + column
        largest *= base
    return numbers


def distinct(values: Ints) -> Ints:
    """The different ones of values (N,), ascending.

    Sorting is many times faster than the hash table in which `np.unique` collects integers.
    """
    ascending = np.sort(values)
    is_first = np.ones(len(ascending), np.bool_)
    is_first[1:] = ascending[1:] != ascending[:-1]
    return ascending[is_first]


def normalised(logprobs: Floats) -> Floats:
    """Log-probabilities (..., V) shifted so that each row sums to one."""
    peak = logprobs.max(axis=-1, keepdims=True)
    shifted = logprobs - peak
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def largest(values: Floats, count: int) -> Ints:
    """Where the `count` largest of values (N,) stand, ascending; of equals the first ones."""
    if count >= len(values):
        return np.arange(len(values))
    least = np.partition(values, -count)[-count]
    above = np.flatnonzero(values > least)
    equal = np.flatnonzero(values == least)[: count - len(above)]
    return np.sort(np.concatenate([above, equal]))


ENTRIES_AT_ONCE = 1 << 23


def rows_at_once(width: int, most: int) -> int:
    """How many rows of this width are worked on together: `most`, or fewer where they are wide."""
    return min(most, max(1, ENTRIES_AT_ONCE // width))
