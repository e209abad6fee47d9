"""A word while something takes long: only where somebody watches, and gone when it is done."""

import io
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import numpy as np
import pytest

from tokgen.cli import application, opening, progress, waiting
from tokgen.cli.commands import train
from tokgen.cli.conversation import converse_with_person
from tokgen.exact.search.effort import DRAWN, Effort
from tokgen.exact.search.watch import searches
from tokgen.plugin_api.fit_run import Progress
from tokgen.session.events import Told
from tokgen.training import model_store
from tokgen.training.model_request import ChosenCheckpoint, ModelRequest
from tokgen.training.plan import Plan

# rich goes to the beginning of the line and erases it.
ERASED = "\r\x1b[1A\x1b[2K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(waiting, "PATIENCE", patience)
    with waiting.waiting("computing"):
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
    monkeypatch.setattr(waiting, "PATIENCE", 60.0)
    before = time.monotonic()
    with pytest.raises(ZeroDivisionError), waiting.waiting("computing"):
        raise ZeroDivisionError
    assert time.monotonic() - before < 30


def test_the_line_tells_how_far_the_work_has_come_and_since_when() -> None:
    now = iter([10.0, 17.9, 1244.0])
    line = waiting._Line("computing", lambda: next(now))
    assert str(line.__rich__()) == "computing … 7 s"
    line.counting(searches)(120, 4000)
    assert str(line.__rich__()) == "computing … 120 of at most 4,000 searched, 1,234 s"


class Watched:
    """A terminal, and a person before it who waits until something has come of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stream = Terminal()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", self.stream)
        monkeypatch.setattr(waiting, "PATIENCE", 0.0)

    def wait_for(self, text: str, after: int = 0) -> None:
        deadline = time.monotonic() + 60
        while text not in self.stream.getvalue()[after:]:
            assert time.monotonic() < deadline, self.stream.getvalue()
            time.sleep(0.01)

    def mark(self) -> int:
        return len(self.stream.getvalue())


def test_a_line_makes_room_for_what_else_is_shown_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Watched(monkeypatch)
    with waiting.waiting("outer"):
        terminal.wait_for("outer")
        with waiting.waiting("inner"):
            inside = terminal.mark()
            terminal.wait_for("inner", inside)
            assert "outer" not in terminal.stream.getvalue()[inside:]
        terminal.wait_for("outer", terminal.mark())
        with waiting.put_away():
            away = terminal.mark()
            time.sleep(0.3)
            assert terminal.mark() == away


def test_a_model_that_is_opened_slowly_says_so_until_its_training_shows_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Watched(monkeypatch)

    def choose(request: ModelRequest, report: Callable[[Progress], None]) -> ChosenCheckpoint:
        terminal.wait_for("opening the model …")
        report(Progress(step=1, steps=5, loss=1.0))
        training = terminal.mark()
        terminal.wait_for("step 1/5", training)
        assert "opening the model" not in terminal.stream.getvalue()[training:]
        return model_store.choose(request)

    monkeypatch.setattr(opening, "choose", choose)
    assert opening.open_model(ModelRequest(model="ngram")).metadata.model.name == "ngram"


def test_a_training_says_that_it_gets_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Watched(monkeypatch)

    def slowly(plan: Plan) -> NoReturn:
        terminal.wait_for("getting ready …")
        raise ZeroDivisionError

    monkeypatch.setattr(train, "references", slowly)
    with pytest.raises(ZeroDivisionError):
        application(["train"])(["train", "--model", "ngram"], standalone_mode=False)


class Slow:
    """A session that answers only when the person has been told to wait."""

    def __init__(self, terminal: Watched) -> None:
        self.terminal = terminal

    def handle(self, line: str):
        for _ in range(2):
            self.terminal.wait_for("computing …", self.terminal.mark())
            yield Told(line)


def test_a_person_is_told_to_wait_for_each_answer_and_it_is_gone_when_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, told = Watched(monkeypatch), []

    def tell(event: Told) -> None:
        before = terminal.mark()
        assert terminal.stream.getvalue().endswith(ERASED)
        time.sleep(0.3)
        assert terminal.mark() == before
        told.append(event.text)

    converse_with_person(Slow(terminal), [":names 5"], tell)
    assert told == [":names 5"] * 2


def test_an_answer_that_is_interrupted_leaves_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, told = Watched(monkeypatch), []

    class Interrupted(Slow):
        def handle(self, line: str):
            terminal.wait_for("computing …")
            raise KeyboardInterrupt
            yield

    converse_with_person(Interrupted(terminal), [":names 5"], told.append)
    assert [each.text for each in told] == ["interrupted"]
    assert terminal.stream.getvalue().endswith(ERASED)
    assert not waiting._lines


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
