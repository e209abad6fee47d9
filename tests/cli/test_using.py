"""The command that a training ends with generates with what it has written."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from running import tokgen
from words import words_file

MODEL = """
from small_plugins import Bigram

class Mine(Bigram):
    pass
"""
TRAININGS = {
    "file": ("--corpus", "a file.txt"),
    "filtered": ("--corpus", "indian-names", "--where", "origin=tamil"),
    "output": ("--corpus", "a file.txt", "--output", "m 1.safetensors"),
}
PLUGIN = ("--model", "mine", "--plugin", "my model.py")


@pytest.fixture(autouse=True)
def here(small_plugins, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    Path(words_file(tmp_path)).rename("a file.txt")
    Path("my model.py").write_text(MODEL)


def last_line(done):
    assert done.code == 0
    return done.err.splitlines()[-1]


@pytest.mark.parametrize("training", TRAININGS)
def test_it_is_what_was_trained_that_generates(training):
    trained = tokgen("train", *TRAININGS[training], *PLUGIN)
    wrote = next(line for line in trained.err.splitlines() if line.startswith("wrote "))
    program, *arguments = shlex.split(last_line(trained).removeprefix("use it: "))
    assert program == "tokgen"
    used = tokgen(*arguments, "-n", 2, "--seed", 1)
    assert (used.code, len(used.out.splitlines())) == (0, 2)
    named = ("--checkpoint", wrote.removeprefix("wrote "))
    same = tokgen("generate", *named, *PLUGIN[2:], "-n", 2, "--seed", 1)
    assert same.out == used.out


def test_what_came_on_standard_input_is_named_by_its_checkpoint():
    trained = tokgen(
        "train", "--corpus", "-", "--model", "bigram", stdin=Path("a file.txt").read_text()
    )
    assert last_line(trained).startswith("use it: tokgen generate --checkpoint ")
