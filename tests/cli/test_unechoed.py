"""What is typed ahead leaves no trace among what is shown, and is not lost."""

from __future__ import annotations

import os
import select
import sys
import time

import pytest

pty = pytest.importorskip("pty")

PROGRAM = """
import sys
from tokgen.cli.waiting import waiting
with waiting("computing"):
    print("ready", flush=True)
    print("read", len(sys.stdin.readline()), "characters", flush=True)
    raise_it = {raises}
    if raise_it:
        try:
            with waiting("inner"):
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
print("over", flush=True)
sys.stdin.readline()
print("end", flush=True)
"""


class Reader:
    """What a terminal shows, bit by bit."""

    def __init__(self, handle):
        self.handle, self.seen = handle, ""

    def until(self, text):
        deadline = time.monotonic() + 60
        while text not in self.seen:
            left = max(0.0, deadline - time.monotonic())
            assert select.select([self.handle], [], [], left)[0], self.seen
            self.seen += os.read(self.handle, 65536).decode()
        before, _, self.seen = self.seen.partition(text)
        return before


@pytest.mark.parametrize("raises", [False, True])
def test_what_is_typed_while_something_works_is_not_shown(raises):
    pid, handle = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM.format(raises=raises)])
    shown = Reader(handle)
    shown.until("ready")
    os.write(handle, b"typed\n")
    assert "typed" not in shown.until("read 6 characters")
    shown.until("over")
    os.write(handle, b"seen\n")
    assert "seen" in shown.until("end")
    os.waitpid(pid, 0)


def test_in_the_background_and_in_a_pipe_nothing_is_set(monkeypatch):
    from tokgen.cli import unechoed

    master, slave = pty.openpty()
    with os.fdopen(slave) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert unechoed._own_terminal() is None  # It is another process group's, if anybody's.
    os.close(master)
    monkeypatch.setattr(sys, "stdin", None)
    assert unechoed._own_terminal() is None
