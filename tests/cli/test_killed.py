"""Kill −9 at random moments of each kind of write: what was there is there, whole.

What a killed writer left half written is gone after the next write.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import killed_work
import numpy as np
import pytest
from killed_work import CORPUS, MODEL, OUTPUT, SAID, SEEDS
from words import words_file

from tokgen.session.file import read_session
from tokgen.temporary import SUFFIX
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import kept_path, trained_folder
from tokgen.training.kept_models import kept_models
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.resume import find_unfinished, resume_path

TIMES = pytest.mark.parametrize("times", [10, pytest.param(100, marks=pytest.mark.long)])


@pytest.fixture(autouse=True)
def _here(small_plugins, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words_file(tmp_path)
    killed_work.run("train", "--corpus", CORPUS, "--model", "bigram", "--output", MODEL)


@contextmanager
def worker(kind):
    """A function that lets a child work for so many seconds, kills it then, and tells its code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "killed_work", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def kill_after(seconds, how=signal.SIGKILL, begun=None):
        process.stdin.write("go\n")
        process.stdin.flush()
        child = int(process.stdout.readline())
        while not (begun is None or begun.exists()):
            time.sleep(0.001)
        time.sleep(seconds)
        os.kill(child, how)
        return int(process.stdout.readline())

    with process:
        yield kill_after
        process.stdin.close()


def moments(kind, times):
    """As many moments as there are kills, within what two rounds of the work take."""
    began = time.perf_counter()
    for seed in SEEDS:
        killed_work.KINDS[kind](seed)
    seconds = time.perf_counter() - began
    chance = random.Random(kind)
    return [chance.uniform(0, seconds) for _ in range(times)]


def leftovers(folder):
    return [path for path in folder.rglob("*") if path.name.endswith(SUFFIX)]


@TIMES
def test_a_training(times, tmp_path):
    whole = {}
    for seed in SEEDS:
        killed_work.trains(seed)
        whole[seed] = Checkpoint.load(Path(OUTPUT))
    with worker("trains") as kill_after:
        for moment in moments("trains", times):
            kill_after(moment)
            there = Checkpoint.load(Path(OUTPUT))
            expected = whole[there.metadata.recipe.seed]
            np.testing.assert_array_equal(there.model.counts, expected.model.counts)
            find_unfinished(Path(OUTPUT))  # It would raise if it were not whole.
    killed_work.trains(1)
    assert leftovers(tmp_path) == []
    assert not resume_path(Path(OUTPUT)).exists()


@TIMES
def test_a_training_that_goes_on(times, tmp_path):
    killed_work.resumes(1)
    whole = Checkpoint.load(Path(OUTPUT))
    Path(OUTPUT).unlink()
    all_moments = moments("resumes", times)
    with worker("resumes") as kill_after:
        for moment in all_moments:
            kill_after(moment)
            find_unfinished(Path(OUTPUT))
            there = Checkpoint.load(Path(OUTPUT))
            np.testing.assert_array_equal(there.model.counts, whole.model.counts)
    killed_work.resumes(1)
    there = Checkpoint.load(Path(OUTPUT))
    np.testing.assert_array_equal(there.model.counts, whole.model.counts)
    metrics = there.metadata.metrics, whole.metadata.metrics
    assert {**metrics[0], "seconds": 0} == {**metrics[1], "seconds": 0}
    assert leftovers(tmp_path) == []


@TIMES
def test_generated_documents(times, tmp_path):
    whole = set()
    for seed in SEEDS:
        killed_work.generates(seed)
        whole |= {Path("names.text").read_bytes(), Path("names.jsonl").read_bytes()}
    assert len(whole) == 4
    with worker("generates") as kill_after:
        for moment in moments("generates", times):
            kill_after(moment)
            assert {Path("names.text").read_bytes(), Path("names.jsonl").read_bytes()} <= whole
    killed_work.generates(1)
    assert leftovers(tmp_path) == []


@TIMES
def test_a_session(times, tmp_path):
    whole = []
    for seed in SEEDS:
        killed_work.saves(seed)
        whole.append(read_session(Path("session.json")))
    assert whole[0] != whole[1]
    with worker("saves") as kill_after:
        for moment in moments("saves", times):
            kill_after(moment)
            assert read_session(Path("session.json")) in whole
    killed_work.saves(1)
    assert leftovers(tmp_path) == []


@TIMES
def test_removing_models(times):
    checkpoint = Path(MODEL).read_bytes()
    places = [
        kept_path(plan(Recipe(corpus=CORPUS, model="bigram", seed=seed))) for seed in range(5)
    ]

    def keep():
        places[0].parent.mkdir(parents=True, exist_ok=True)
        for place in places:
            place.write_bytes(checkpoint)
            shutil.copy(place, resume_path(place))

    keep()
    all_moments = moments("removes", times)
    with worker("removes") as kill_after:
        for moment in all_moments:
            keep()
            kill_after(moment)
            for path in trained_folder().glob("*/*/*"):
                assert path.read_bytes() == checkpoint
                assert Path(str(path).removesuffix(".unfinished")).exists()
    keep()
    assert len(kept_models()) == len(places)
    killed_work.removes(1)
    assert list(trained_folder().iterdir()) == []


@TIMES
def test_what_is_said_after_ctrl_c_is_there(times):
    """At any moment: weights that are told of are there, a command that is told goes on."""
    ways, chance = set(), random.Random("Ctrl-C")
    output, said = Path(OUTPUT), Path(SAID)
    with worker("is_stopped") as kill_after:
        for number in range(times):
            for path in (resume_path(output), output, said):
                path.unlink(missing_ok=True)
            # Every second time once it has begun to keep what it has reached.
            begun = resume_path(output) if number % 2 else said
            code = kill_after(chance.uniform(0, 0.05), signal.SIGINT, begun)
            ways |= told_truly(said.read_text(), code)
    assert {"kept", "goes on"} <= ways


def told_truly(said, code):
    """What was said, found to be true."""
    ways = set()
    assert "Traceback" not in said
    assert "tokgen failed" not in said
    # Before the command begins and after it has ended, the signal itself ends the process.
    assert code in (130 if "interrupted" in said else 0, -signal.SIGINT), said
    if "before there was anything to write" in said:
        ways.add("nothing")
        assert not Path(OUTPUT).exists()
    for step, path in re.findall(r"stopped at step (\d+): .* are kept in (.*)\n", said):
        ways.add("kept")
        assert Checkpoint.load(Path(path)).metadata.metrics["stopped_at_step"] == int(step)
    for command in re.findall(r"tokgen (train --resume .*) goes on", said):
        ways.add("goes on")
        killed_work.run(*shlex.split(command))
        assert not Checkpoint.load(Path(OUTPUT)).metadata.stopped
    return ways
