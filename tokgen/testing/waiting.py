"""Waiting for work that calls a plugin: a call that does not return is given up, whatever it does.

The work is done in a thread and not in a process of its own: a process would have to import, fit
and register everything again after each call that was given up, could not check a plugin that a
test has made, and would hide from coverage and debuggers what it runs. What a thread cannot do is
end what stands in C code. Such a thread is left behind; it is a daemon, which no exit waits for.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from typing import TypeVar

from tokgen.errors import PluginError
from tokgen.guards.calls import Call, CallGivenUp, Calls, watched_calls
from tokgen.testing.standing import Standing

Told = TypeVar("Told")

# Short, since on Windows Ctrl-C comes through between two waits only.
SECONDS_A_WAIT = 0.1
# For what is given up to leave what it has entered, as it does where it is Python code.
SECONDS_TO_LEAVE = 2.0


class DidNotReturnError(Exception):
    """A call of a plugin did not return in its time.

    Attributes:
        call: which one; None where none was under way.
        stack: where the work stood, the innermost place last.
    """

    def __init__(self, call: Call | None, stack: list[Standing]) -> None:
        super().__init__()
        self.call = call
        self.stack = stack


def returned(work: Callable[[], Told], calls: Calls, seconds: float) -> Told:
    """What the work returns, or raises, if no call that it makes takes longer than `seconds`.

    Raises:
        DidNotReturnError: one does.
        KeyboardInterrupt: Ctrl-C was pressed; the work is given up.
    """
    before = set(threading.enumerate())
    context = copy_context()
    context.run(watched_calls.set, calls)
    thread, done = context.run(in_a_daemon, work)
    try:
        while not wait([done], SECONDS_A_WAIT).done:
            if calls.waited() > seconds:
                raise DidNotReturnError(calls.longest(), _stack_of(thread))
    except BaseException:
        _give_up(set(threading.enumerate()) - before)
        thread.join(SECONDS_TO_LEAVE)
        raise
    return done.result()


def loaded_in_time(load: Callable[[], Told], what: str, seconds: float) -> Told:
    """What comes of loading a plugin, `what`, if that takes no longer than `seconds`.

    Raises:
        PluginError: it does.
    """
    try:
        return returned(load, Calls({}), seconds)
    except DidNotReturnError as stuck:
        at = f" at {stuck.stack[-1].file}:{stuck.stack[-1].line}" if stuck.stack else ""
        raise PluginError(
            f"{what} had not been imported after {seconds:g} s: it still runs{at}. "
            "To give it longer: --call-seconds."
        ) from None


def in_a_daemon(work: Callable[[], Told]) -> tuple[threading.Thread, Future[Told]]:
    """A thread that no exit waits for, and what will come of the work in it.

    The calls in it are watched where those of the caller are.
    """
    done: Future[Told] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=copy_context().run, args=(do,), daemon=True)
    thread.start()
    return thread, done


def _stack_of(thread: threading.Thread) -> list[Standing]:
    frame = sys._current_frames().get(thread.ident or 0)
    frames = [each for each, _ in traceback.walk_stack(frame)] if frame is not None else []
    return [Standing.of(each) for each in reversed(frames)]


def _give_up(threads: set[threading.Thread]) -> None:
    """Raise CallGivenUp in each of them, as soon as it executes Python code."""
    for thread in threads:
        number = ctypes.c_ulong(thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(CallGivenUp))
