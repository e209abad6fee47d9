"""A word while something takes long: only where somebody watches, and gone when it is done."""

import io
import sys
import time

import numpy as np
import pytest

from tokgen.cli import progress
from tokgen.exact.search.effort import DRAWN, Effort


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


def effort(seconds_a_prefix: float) -> Effort:
    """One prefix that is looked at for every document."""
    return Effort(1.0, np.ones(DRAWN), np.zeros(DRAWN), seconds_a_prefix)


def announced(capsys: pytest.CaptureFixture[str], seconds: float, at_most: int = 1000) -> str:
    progress.announce_search(effort(seconds), 100, at_most)
    written = capsys.readouterr()
    assert not written.out
    return written.err


def test_a_long_search_is_told_though_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    assert announced(capsys, 15.0) == "looking for documents: about 15 s; Ctrl-C ends it\n"


def test_a_short_search_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert announced(capsys, 0.001) == ""


def test_a_search_that_may_be_given_up_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    many = Effort(1e-9, np.ones(DRAWN), np.full(DRAWN, -20.0), 0.01)
    progress.announce_search(many, 10, 1000)
    told = capsys.readouterr().err
    assert told.startswith("looking for documents: about 10 s")
    assert "it stops after 1,000" in " ".join(told.split())
