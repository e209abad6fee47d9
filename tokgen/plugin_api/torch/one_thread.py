"""One thread for torch's kernels, while anybody asks for it; the number is put back afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ContextDecorator
from functools import cache
from typing import Any

import torch
from threadpoolctl import ThreadpoolController


class _OneThread(ContextDecorator):
    """Work on one thread: with more of them a kernel may add in another order.

    torch keeps a number for each thread, and one that new threads begin with. A thread that began
    while somebody was inside has the wrong one, so what there was before is asked of a new thread.
    The kernels of MKL have one number for the whole process: the last one out puts that back, since
    whoever is still inside would get more threads in the middle of a product.

    A function that enters many times is decorated with it: only the first one in asks a new thread,
    which takes longer than a small product.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 1
        self._this_thread = threading.local()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = _number_in_a_new_thread()
            self._inside += 1
            self._this_thread.depth = getattr(self._this_thread, "depth", 0) + 1
            torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            self._this_thread.depth -= 1
            if not self._inside:
                torch.set_num_threads(self._before)
            elif not self._this_thread.depth:
                for library in _openmp():
                    library.set_num_threads(self._before)


@cache
def _openmp() -> list[Any]:
    """The libraries of OpenMP that are loaded; each keeps a number for the calling thread."""
    controllers: list[Any] = ThreadpoolController().select(user_api="openmp").lib_controllers
    return controllers


def _number_in_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


one_thread = _OneThread()
