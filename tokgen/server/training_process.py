"""The process of a training: it cannot hold up the server, and the server can end it.

Global settings of numerical libraries and global random states are its own, so that what it learns
is what `tokgen train` learns, whatever the server answers meanwhile.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread

from tokgen.plugin_api.fit_run import Progress
from tokgen.server.training_messages import Asked, Ended, Message, Order
from tokgen.server.training_work import work

LOST = "The process of the training ended without a word; it may have taken too much memory."


class TrainingProcess:
    """A training that runs in a process of its own.

    Args:
        told: called in a thread with each message; the last one is `Refused` or `Ended`.

    Attributes:
        process: in which it runs.
    """

    def __init__(self, order: Order, told: Callable[[Message | Progress], None]) -> None:
        context = multiprocessing.get_context("spawn")
        self._channel, other_end = context.Pipe()
        self._asking = Lock()
        self._told = told
        self.process = context.Process(target=work, args=(other_end, order), daemon=True)
        self.process.start()
        other_end.close()
        Thread(target=self._listen, daemon=True).start()

    def ask(self, what: Asked) -> None:
        """Ask for something; a process that has ended is asked for nothing."""
        with self._asking, suppress(OSError):
            self._channel.send(what)

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._told(self._channel.recv())
        self.process.join()
        with self._asking:
            self._channel.close()
        # Whoever has had a last message takes no other.
        self._told(Ended("failed", None, LOST))
