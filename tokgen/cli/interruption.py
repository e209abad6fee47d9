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
# Their code in C cannot be loaded twice: who imports them again after half an import breaks the
# memory of the process.
_LOADED_ONCE = frozenset({"torch", "numpy", "numba", "llvmlite", "tokenizers", "matplotlib"})
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
    signal.signal(signal.SIGINT, Interrupting())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.unraisablehook = report


class Interrupting:
    """Raises `KeyboardInterrupt`, but not where it would be lost or break something.

    pydantic's Rust code drops or rewrites it. A library in C that is being imported is left alone
    until it is there.
    """

    def __init__(self) -> None:
        self._postponed_at: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C was pressed."""
        now = time.monotonic()
        since = now if self._postponed_at is None else self._postponed_at
        in_pydantic = now - since < _LEFT_ALONE_FOR_SECONDS and _is_in_pydantic(frame)
        if in_pydantic or _is_loading_c(frame):
            self._postponed_at = since
            _interrupt_again()
            return
        self._postponed_at = None
        raise KeyboardInterrupt


def _is_in_pydantic(frame: FrameType | None) -> bool:
    return any(_library_of(each) == "pydantic" for each in _stack(frame))


def _is_loading_c(frame: FrameType | None) -> bool:
    return any(
        each.f_code.co_name == "<module>" and _library_of(each) in _LOADED_ONCE
        for each in _stack(frame)
    )


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _library_of(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


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
