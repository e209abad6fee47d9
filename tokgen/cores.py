"""Array work in parts of a cache's size, on every core."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def in_parts(work: Callable[[slice], None], count: int, at_once: int) -> None:
    """Call `work` for consecutive slices of `at_once` that cover `count` rows.

    Several parts are spread over the cores, so `work` must be safe to call from several threads.
    Each matrix product stays on the thread that asks for it: the threads of a BLAS go on spinning
    for a while after a product, and would take the cores from the next parts.
    """
    parts = [slice(begin, min(begin + at_once, count)) for begin in range(0, count, at_once)]
    with _blas().limit(limits=1, user_api="blas"):
        if len(parts) == 1:
            work(parts[0])
            return
        with ThreadPoolExecutor() as pool:
            # `list` waits for all of them, and raises what one of them raised.
            list(pool.map(work, parts))
