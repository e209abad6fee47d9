"""The REPL in a real pseudo-terminal: typing, Ctrl-C, Ctrl-D, history, completion."""

from __future__ import annotations

import os
import pty
import select
import signal
import stat
import sys
import time

import pytest

PATIENCE = 20.0


class Terminal:
    """`tokgen repl` with a person before it."""

    def __init__(self, *arguments):
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
            command = [sys.executable, "-m", "tokgen", "repl", "--model", "mlp", *arguments]
            os.execve(sys.executable, command, environment)
        self.seen = ""

    def type(self, text):
        os.write(self.handle, text.encode())

    def interrupt(self):
        """Ctrl-C on a line that the program has read."""
        self.pause()
        self.type("\x03")
        self.pause()

    def interrupt_until(self, text):
        """Ctrl-C, and again, as a person does who does not know whether a command runs already."""
        for _ in range(int(PATIENCE)):
            self.interrupt()
            if select.select([self.handle], [], [], 0)[0]:
                self.seen += os.read(self.handle, 65536).decode(errors="replace")
            if text in self.seen:
                break
        self.expect(text)

    def pause(self):
        """As long as a person takes: keys that control the line are for a prompt that is there."""
        time.sleep(0.7)

    def expect(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.handle], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text!r} not in {self.seen[-2000:]!r}")
            try:
                self.seen += os.read(self.handle, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"{text!r} not in {self.seen[-2000:]!r}") from None
        self.seen = self.seen.partition(text)[2]

    def seen_soon(self):
        """What comes in a moment, together with what came before and was not expected."""
        self.pause()
        while select.select([self.handle], [], [], 0)[0]:
            self.seen += os.read(self.handle, 65536).decode(errors="replace")
        return self.seen

    def wait_until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def left(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self.handle], [], [], 0.1)
            if ready:
                try:
                    os.read(self.handle, 65536)
                except OSError:
                    break
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.skipif(not hasattr(pty, "fork"), reason="there are no pseudo-terminals here")
def test_a_session_with_a_person():
    terminal = Terminal("--seed", "3")
    terminal.expect("mlp · shipped with indian-names")
    terminal.expect("T 1 · seed 3 · no samplers   :help for help")
    terminal.expect("›")
    terminal.expect("type a prefix")
    terminal.type("abi\r")
    terminal.expect("the model sees abi")
    terminal.expect("›")
    assert "type a prefix" not in terminal.seen_soon()
    terminal.type("\r")
    terminal.expect("bits")
    terminal.type("half a line")
    terminal.interrupt()
    terminal.type(":nonsense\r")
    terminal.expect("There is no command :nonsense")
    terminal.pause()
    terminal.type(":quit\r")
    assert terminal.left() == 0


@pytest.mark.skipif(not hasattr(pty, "fork"), reason="there are no pseudo-terminals here")
def test_completion_history_and_the_way_out():
    terminal = Terminal("--seed", "3")
    terminal.expect("›")
    terminal.type(":emb\t:sco\t")
    terminal.interrupt()
    terminal.type(":score abid\r")
    terminal.expect("log₂ p")
    terminal.type("\x1b[A\r")
    terminal.expect("log₂ p")
    terminal.pause()
    terminal.type("\x04")
    assert terminal.left() == 0


@pytest.mark.skipif(not hasattr(pty, "fork"), reason="there are no pseudo-terminals here")
def test_an_interrupt_ends_the_command_and_not_the_session():
    terminal = Terminal("--seed", "3")
    terminal.expect("›")
    terminal.type(":names 100000000\r")
    terminal.interrupt_until("interrupted")
    terminal.type(":score abid\r")
    terminal.expect("log₂ p")
    terminal.pause()
    terminal.type(":quit\r")
    assert terminal.left() == 0


@pytest.mark.skipif(not hasattr(pty, "fork"), reason="there are no pseudo-terminals here")
def test_pasted_lines_are_entries_and_the_history_is_the_users_own(tmp_path):
    terminal = Terminal("--seed", "3")
    terminal.expect("›")
    terminal.pause()
    terminal.type("\x1b[200~ab\n:force i\n:score\x1b[201~")
    terminal.pause()
    terminal.type("\r")
    terminal.expect("rank 3")
    terminal.expect("log₂ p")
    terminal.pause()
    terminal.type(":quit\r")
    assert terminal.left() == 0
    history = tmp_path / "xdg_state_home" / "tokgen" / "history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(pty, "fork"), reason="there are no pseudo-terminals here")
def test_a_session_that_was_killed_is_offered_at_the_next_start(tmp_path):
    killed = Terminal("--seed", "3")
    killed.expect("›")
    killed.type("abid\r")
    killed.expect("the model sees bid")
    sessions = tmp_path / "xdg_data_home" / "tokgen" / "sessions"
    killed.wait_until(lambda: list(sessions.glob("*.json")))
    os.kill(killed.pid, signal.SIGKILL)
    os.waitpid(killed.pid, 0)
    terminal = Terminal("--seed", "4")
    terminal.expect("A session was cut off. To go on with it:")
    (left,) = sessions.glob("left-*.json")
    terminal.expect(f":load {left}")
    terminal.expect("›")
    terminal.type(f":load {left}\r")
    terminal.expect("the model sees bid")
    terminal.pause()
    terminal.type("\x04")
    assert terminal.left() == 0
    assert list(sessions.iterdir()) == [left]
