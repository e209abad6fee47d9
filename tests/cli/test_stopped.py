"""A training that Ctrl-C stops says what is there, and what is there was not lost."""

from __future__ import annotations

import pytest
from running import tokgen
from words import words_file

from tokgen.cli import application
from tokgen.cli.commands import train as command
from tokgen.errors import TokgenError
from tokgen.training.checkpoint import Checkpoint


@pytest.fixture
def train(small_plugins, tmp_path):
    corpus, output = words_file(tmp_path), tmp_path / "m.safetensors"

    def run(evaluated, kept=False, model="stopped"):
        options = ("-o", f"evaluated={evaluated}", "-o", f"kept={kept}")
        arguments = ("--corpus", corpus, "--model", model, "--seed", 1, "--output", output)
        return tokgen("train", *arguments, *options)

    return run


def test_stopped_before_its_first_evaluation_it_writes_nothing(train, tmp_path):
    path = tmp_path / "m.safetensors"
    stopped = train(0, kept=True)
    assert (stopped.code, stopped.out) == (130, "")
    *_, told, interrupted = stopped.err.splitlines()
    assert told == "stopped before there was anything to write"
    assert interrupted == "interrupted"
    assert "--resume" not in stopped.err
    assert not path.exists()
    assert train(9).code == 0
    finished = path.read_bytes()
    told = f"stopped before there was anything to write; {path} is as it was"
    assert train(0).err.splitlines()[-2] == told
    assert path.read_bytes() == finished


def test_what_is_stopped_says_whether_it_can_go_on(train, tmp_path):
    path = tmp_path / "m.safetensors"
    stopped = train(3)
    assert stopped.code == 130
    assert stopped.err.splitlines()[-3:] == [
        f"stopped at step 3: the best weights so far are kept in {path}",
        "--resume cannot go on from here: the model 'stopped' has kept nothing for it",
        "interrupted",
    ]
    stopped = train(3, kept=True)
    assert stopped.err.splitlines()[-3:] == [
        f"stopped at step 3: the best weights so far are kept in {path}",
        f"tokgen train --resume --output {path} goes on from here",
        "interrupted",
    ]
    assert tokgen("generate", "--checkpoint", path, "-n", 2).code == 0
    info = tokgen("info", "--checkpoint", path, "--json").rows[0]
    assert info["metrics"]["stopped_at_step"] == 3
    told = train(9).err
    assert "an unfinished training is kept there" in told
    assert not path.with_name("m.safetensors.unfinished").exists()


def test_what_is_finished_is_not_replaced_by_what_is_stopped(train, tmp_path):
    path = tmp_path / "m.safetensors"
    assert train(9).code == 0
    finished = path.read_bytes()
    stopped = train(3)
    assert stopped.err.splitlines()[-4:-2] == [
        f"stopped at step 3: the best weights so far are kept in {path}.partial",
        f"{path} is as it was, since its training was finished",
    ]
    assert path.read_bytes() == finished
    assert f'"checkpoint": "{path}.partial"' not in stopped.out
    assert tokgen("generate", "--checkpoint", f"{path}.partial", "-n", 2).code == 0


def test_a_disk_that_is_full_ends_no_training(small_plugins, tmp_path, monkeypatch):
    def full(*anything):
        raise TokgenError("Cannot write 'm': no space is left on the disk.")

    monkeypatch.setattr("tokgen.training.place.keep_unfinished", full)
    said = []
    monkeypatch.setattr(command, "say", said.append)
    path = tmp_path / "m.safetensors"
    options = ["-o", "evaluated=9", "-o", "kept=True"]
    arguments = ["--corpus", words_file(tmp_path), "--model", "stopped", "--output", str(path)]
    application(["train"])(["train", *arguments, *options], standalone_mode=False)
    told = "Cannot write 'm': no space is left on the disk. The training goes on; what it has"
    assert [each for each in said if each.startswith(told)]
    assert f"wrote {path}" in said


def test_a_checkpoint_that_cannot_be_written_leaves_what_the_training_goes_on_from(
    small_plugins, tmp_path, monkeypatch
):
    def full(*anything):
        raise TokgenError("Cannot write 'm': no space is left on the disk.")

    monkeypatch.setattr("tokgen.training.checkpoint.Checkpoint.save", full)
    said = []
    monkeypatch.setattr(command, "say", said.append)
    path = tmp_path / "m.safetensors"
    arguments = ["--corpus", words_file(tmp_path), "--output", str(path)]
    train = ["train", *arguments, "--model", "stepwise"]
    with pytest.raises(TokgenError, match="no space is left"):
        application(["train"])(train, standalone_mode=False)
    assert (
        said[-1]
        == f"tokgen train --resume --output {path} goes on where the training was last kept"
    )
    monkeypatch.undo()
    application(["train"])(["train", "--resume", "--output", str(path)], standalone_mode=False)
    assert Checkpoint.load(path).metadata.recipe.model == "stepwise"
