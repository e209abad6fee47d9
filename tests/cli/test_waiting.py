"""A word while something takes long: only where somebody watches, and gone when it is done."""

import io
import sys
import time

import pytest

from tokgen.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    with progress.waiting("computing"):
        time.sleep(0.3)
    return stream.getvalue()


def test_long_work_is_announced_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "computing …" in said(monkeypatch, Terminal(), patience=0.0)


def test_short_work_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert said(monkeypatch, Terminal(), patience=60.0) == ""


def test_nothing_is_written_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, io.StringIO(), patience=0.0) == ""


def test_an_error_passes_through_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 60.0)
    before = time.monotonic()
    with pytest.raises(ZeroDivisionError), progress.waiting("computing"):
        raise ZeroDivisionError
    assert time.monotonic() - before < 30
