"""Calls: which calls of plugins are under way, told to whoever waits for them in another thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial


class CallGivenUp(BaseException):
    """Nobody waits for a call any longer, or it is not made since it did not return before.

    It is no Exception, so that a plugin that catches those goes on with nothing.
    """

    # What it passes on its way out is not blamed for it (see `blame`).
    raised_by_the_core = True


@dataclass(eq=False)
class Call:
    """A call that is under way.

    Attributes:
        plugin: the plugin's display name.
        name: what was called: `apply`.
        began: when, in seconds of `time.monotonic`; later by what the core did in it itself.
    """

    plugin: str
    name: str
    began: float


class Calls:
    """The calls under way in one piece of work.

    Attributes:
        refused: by plugin and name the calls that are not made, each with the reason.
    """

    def __init__(self, refused: dict[tuple[str, str], str]) -> None:
        self.refused = refused
        self._under_way: list[Call] = []
        self._paused = 0
        self._changed = time.monotonic()

    def begin(self, plugin: str, name: str) -> Callable[[], None]:
        """A call begins; what is given back is called when it ends.

        Raises:
            CallGivenUp: it is one of those that are refused.
        """
        reason = self.refused.get((plugin, name))
        if reason is not None:
            raise CallGivenUp(reason)
        call = Call(plugin, name, time.monotonic())
        self._under_way.append(call)
        return partial(self._end, call)

    def _end(self, call: Call) -> None:
        self._under_way.remove(call)
        self._changed = time.monotonic()

    def waited(self) -> float:
        """Seconds since the outermost call began; where none is under way, since the last ended."""
        if self._paused:
            return 0.0
        outermost = self._under_way[:1]
        return time.monotonic() - (outermost[0].began if outermost else self._changed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done inside is the core's own work, which counts as no call's time."""
        began = time.monotonic()
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1
            spent = time.monotonic() - began
            self._changed += spent
            for each in self._under_way:
                each.began += spent

    def longest(self) -> Call | None:
        """The innermost call that has taken half of that time or more: the others come and go."""
        half = self.waited() / 2
        long = [each for each in self._under_way if time.monotonic() - each.began >= half]
        return long[-1] if long else None


# Where nobody waits for calls, nobody keeps track of them.
watched_calls: ContextVar[Calls | None] = ContextVar("watched_calls", default=None)
