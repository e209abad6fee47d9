"""The file of a running session: offered once where the session was cut off, else gone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

import tokgen
from tokgen.session.file import load_session
from tokgen.session.recovery import MOST_LEFT, RUNNING, Recovery, left_behind
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.training.model_request import ModelRequest


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", "ngram")


@pytest.fixture
def state(model):
    return State(model, Settings(seed=1), ModelRequest(model="ngram"), lambda request: model)


def type_lines(state, *lines):
    for line in lines:
        list(Session(state).handle(line))


def ended_process():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def cut_off(folder, name="abcd1234"):
    """What a session leaves whose process ended without a word."""
    (kept,) = folder.glob(f"{RUNNING}{os.getpid()}-*.json")
    return kept.rename(folder / f"{RUNNING}{ended_process()}-{name}.json")


def test_the_tree_comes_back_and_is_offered_once(state, model, tmp_path):
    folder = tmp_path / "sessions"
    recovery = Recovery(folder)
    recovery.keep(state)
    assert not folder.exists()
    type_lines(state, "abi", ":force d", ":mark here", ":back")
    recovery.keep(state)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    cut_off(folder)
    (left,) = left_behind(folder)
    assert left_behind(folder) == []
    again = State(model, Settings(seed=9), ModelRequest(model="ngram"), lambda request: model)
    assert load_session(again, left)
    assert (again.places, again.place, again.marks) == (state.places, state.place, state.marks)
    assert again.settings == state.settings


def test_nothing_is_left_after_a_clean_end(state, tmp_path):
    recovery = Recovery(tmp_path)
    type_lines(state, "abi")
    recovery.keep(state)
    assert len(list(tmp_path.iterdir())) == 1
    recovery.discard()
    recovery.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there no process is asked whether it runs")
def test_a_session_that_runs_is_not_offered(state, tmp_path):
    type_lines(state, "abi")
    Recovery(tmp_path).keep(state)
    (kept,) = tmp_path.iterdir()
    kept.rename(tmp_path / f"{RUNNING}{os.getppid()}-abcd1234.json")
    assert left_behind(tmp_path) == []


def test_only_the_last_are_kept(state, tmp_path):
    type_lines(state, "abi")
    for number in range(MOST_LEFT + 2):
        Recovery(tmp_path).keep(state)
        cut_off(tmp_path, f"{number:08x}")
        assert len(left_behind(tmp_path)) == 1
    assert len(list(tmp_path.iterdir())) == MOST_LEFT


def test_what_has_not_changed_is_not_written_again(state, tmp_path):
    recovery = Recovery(tmp_path)
    type_lines(state, "abi")
    recovery.keep(state)
    (kept,) = tmp_path.iterdir()
    kept.unlink()
    recovery.keep(state)
    assert list(tmp_path.iterdir()) == []
    type_lines(state, "abid")
    recovery.keep(state)
    assert list(tmp_path.iterdir()) == [kept]
