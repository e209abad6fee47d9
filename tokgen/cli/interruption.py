"""Ctrl-C ends a command wherever it arrives: it is neither lost nor shown as a traceback."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Long enough for the code that could not pass it on to be left, in most cases.
_AGAIN_AFTER_SECONDS = 0.01
# pydantic's own work is shorter; what takes longer is somebody's code that it calls.
_LEFT_ALONE_FOR_SECONDS = 1.0
_MAIN_THREAD = threading.main_thread().ident or 0


@contextmanager
def interruptible() -> Iterator[None]:
    """Meanwhile Ctrl-C raises `KeyboardInterrupt`; outside of it, it ends the process itself.

    A process that was started without Ctrl-C, as one in the background is, stays without it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    report = sys.unraisablehook

    def raise_again(lost: Any) -> None:
        """Code in C or Rust, and `__del__`, cannot pass an exception on: Python gives it here."""
        if issubclass(lost.exc_type, KeyboardInterrupt):
            _interrupt_again()
        else:
            report(lost)

    sys.unraisablehook = raise_again
    signal.signal(signal.SIGINT, _Interrupting())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.unraisablehook = report


class _Interrupting:
    """Raises `KeyboardInterrupt`, but not in pydantic, whose Rust code drops or rewrites it."""

    def __init__(self) -> None:
        self._postponed_at: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        since = now if self._postponed_at is None else self._postponed_at
        if _is_in_pydantic(frame) and now - since < _LEFT_ALONE_FOR_SECONDS:
            self._postponed_at = since
            _interrupt_again()
            return
        self._postponed_at = None
        raise KeyboardInterrupt


def _is_in_pydantic(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] == "pydantic":
            return True
        frame = frame.f_back
    return False


def _interrupt_again() -> None:
    threading.Timer(_AGAIN_AFTER_SECONDS, _interrupt).start()


def _interrupt() -> None:
    """As Ctrl-C, which ends a wait too; a command that has ended is let alone."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        return
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(_MAIN_THREAD, signal.SIGINT)
