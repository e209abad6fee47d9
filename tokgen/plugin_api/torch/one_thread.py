"""One thread for torch's kernels, while anybody asks for it; the number is put back afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import torch


class _OneThread:
    """Work on one thread: with more of them a kernel may add in another order.

    torch keeps a number for each thread, and one that new threads begin with. A thread that began
    while somebody was inside has the wrong one, so what there was before is asked of a new thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = 1

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = _number_in_a_new_thread()
            self._inside += 1
            torch.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            torch.set_num_threads(self._before)


def _number_in_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


one_thread = _OneThread()
