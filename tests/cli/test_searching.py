"""Where no line on a terminal can change, a long search says now and then how far it has come."""

from __future__ import annotations

import io
import sys

import pytest
from running import tokgen

from tokgen.cli import searching, waiting
from tokgen.cli.commands import repl
from tokgen.cli.searching import WorkTold
from tokgen.exact.search.watch import searches
from tokgen.generation.scoring import tokens_read

IN_ROUND = " more at most in this round; Ctrl-C ends it"


def test_it_says_so_more_and_more_rarely(capsys):
    now = iter([0, 1, 9, 10, 11, 19, 20, 39, 40, 41, 90])
    told = WorkTold("looking for documents", searches, lambda: next(now))
    for looked_at in range(100, 1100, 100):
        told(looked_at, 1100)
    assert capsys.readouterr().err.splitlines() == [
        f"looking for documents: 300 of at most 1,100 searched, 30 s{IN_ROUND}",
        f"looking for documents: 600 of at most 1,100 searched, 17 s{IN_ROUND}",
        f"looking for documents: 800 of at most 1,100 searched, 15 s{IN_ROUND}",
        f"looking for documents: 1,000 of at most 1,100 searched, 9 s{IN_ROUND}",
    ]


def test_a_search_that_begins_again_is_measured_again(capsys):
    now = iter([0, 50, 100, 200])
    told = WorkTold("computing", searches, lambda: next(now))
    told(1000, 2000)
    told(10, 2000)
    told(20, None)
    assert capsys.readouterr().err.splitlines() == [
        f"computing: 1,000 of at most 2,000 searched, 50 s{IN_ROUND}",
        "computing: 10 of at most 2,000 searched; Ctrl-C ends it",
        "computing: 20 searched; Ctrl-C ends it",
    ]


def test_work_that_has_just_begun_within_another_tells_no_time(capsys):
    now = iter([0, 100, 101])
    told = WorkTold("scoring", tokens_read, lambda: next(now))
    told(0, 50_000)
    told(10_000, 50_000)
    assert capsys.readouterr().err.splitlines() == [
        f"scoring: 10,000 of at most 50,000 tokens read, 4 s{IN_ROUND}",
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


@pytest.fixture
def of_three_letters(tmp_path):
    """Options for a model whose searches end soon, with a condition that a sampler forbids."""
    corpus = tmp_path / "three.txt"
    corpus.write_text("".join(f"{a}{b}{c}\n" for a in "abc" for b in "abc" for c in "abc"))
    model = tmp_path / "three.safetensors"
    asked = ("--model", "ngram", "--tokenizer", "alphabet", "--output", model)
    assert tokgen("train", "--corpus", corpus, *asked).code == 0
    return ("--checkpoint", model)


DOUBT = "Perhaps no document meets the conditions: each of the 64 that were tried first"


@pytest.mark.parametrize("command", ["generate --seed 1", "generate --seed 1 --unique", "top"])
def test_a_search_that_will_perhaps_find_nothing_is_announced(of_three_letters, command):
    samplers = ("--sampler", "no_repeat_ngram:size=1")
    done = tokgen(*command.split(), *of_three_letters, *samplers, "--contains", "aaa")
    said = " ".join(done.err.split())
    assert done.code != 0
    assert DOUBT in said
    possible = tokgen(*command.split(), *of_three_letters, *samplers, "--contains", "ab")
    assert possible.code == 0 or "Only" in possible.err
    assert DOUBT not in " ".join(possible.err.split())


@pytest.mark.parametrize("command", [":names 3", ":top 3"])
def test_a_session_announces_it_too(of_three_letters, command):
    lines = f":chain no_repeat_ngram:size=1\n{command} contains=aaa\n"
    done = tokgen("repl", *of_three_letters, "--seed", 1, stdin=lines)
    assert DOUBT in " ".join(done.out.split())
