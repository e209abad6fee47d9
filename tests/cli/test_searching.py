"""Where no line on a terminal can change, a long search says now and then how far it has come."""

from __future__ import annotations

import io
import sys

from tokgen.cli import searching, waiting
from tokgen.cli.commands import repl
from tokgen.cli.searching import WorkTold
from tokgen.exact.search.watch import searches
from tokgen.generation.scoring import tokens_read


def test_it_says_so_more_and_more_rarely(capsys):
    now = iter([0, 1, 9, 10, 11, 19, 20, 39, 40, 41, 90])
    told = WorkTold("looking for documents", searches, lambda: next(now))
    for looked_at in range(100, 1100, 100):
        told(looked_at, 1100)
    assert capsys.readouterr().err.splitlines() == [
        "looking for documents: 300 of at most 1,100 searched, 30 s more at most; Ctrl-C ends it",
        "looking for documents: 600 of at most 1,100 searched, 17 s more at most; Ctrl-C ends it",
        "looking for documents: 800 of at most 1,100 searched, 15 s more at most; Ctrl-C ends it",
        "looking for documents: 1,000 of at most 1,100 searched, 9 s more at most; Ctrl-C ends it",
    ]


def test_a_search_that_begins_again_is_measured_again(capsys):
    now = iter([0, 50, 100, 200])
    told = WorkTold("computing", searches, lambda: next(now))
    told(1000, 2000)
    told(10, 2000)
    told(20, None)
    assert capsys.readouterr().err.splitlines() == [
        "computing: 1,000 of at most 2,000 searched, 50 s more at most; Ctrl-C ends it",
        "computing: 10 of at most 2,000 searched; Ctrl-C ends it",
        "computing: 20 searched; Ctrl-C ends it",
    ]


def test_a_search_that_is_waited_for_says_so_in_a_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(searching, "FIRST_TOLD", 0.0)
    with waiting.waiting("computing"):
        searches.tell(1, 5)
    searches.tell(2, 5)
    assert sys.stderr.getvalue().startswith("computing: 1 of at most 5 searched")
    assert sys.stderr.getvalue().count("\n") == 1


def test_what_a_line_of_a_session_waits_for_says_so(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(searching, "FIRST_TOLD", 0.0)
    for line in repl._waited_for(["first", "second"]):
        if line == "second":
            tokens_read.tell(1, 5)
            searches.tell(3)
    tokens_read.tell(2, 5)
    said = sys.stderr.getvalue().splitlines()
    assert [each.split(";")[0].split(",")[0] for each in said] == [
        "scoring: 1 of at most 5 tokens read",
        "looking for documents: 3 searched",
    ]
