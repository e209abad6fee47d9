"""What happens to a process: killed, interrupted, out of disk. Nothing written before is lost."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from running import tokgen

from tokgen.training.checkpoint import Checkpoint
from tokgen.training.resume import resume_path

pytestmark = pytest.mark.slow

OPTIONS = [f"-o{each}" for each in ("steps=300", "evaluate_every=10", "hidden=64", "patience=0")]

LONG = 10.0  # seconds: a machine that is slow for a while must not stretch the kills with it


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text(
        "\n".join(
            tokgen("generate", "--model", "mlp", "-n", 400, "--length", 5, "--seed", 1).out.split()
        )
    )
    return path


def training(words, output, *more):
    command = ["train", "--corpus", words, "--model", "mlp", "--seed", 3, "--output", output]
    arguments = [sys.executable, "-m", "tokgen", *map(str, command), *OPTIONS, *more]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def going_on(output):
    return ["--resume"] if resume_path(output).exists() else []


def finished(process):
    """Its exit code and what it said."""
    _, said = process.communicate()
    return process.returncode, said


@pytest.mark.timeout(900)
def test_a_training_killed_at_four_random_moments_ends_as_if_it_was_not(words, tmp_path):
    whole, killed = tmp_path / "whole.safetensors", tmp_path / "killed.safetensors"
    began = time.perf_counter()
    assert finished(training(words, whole))[0] == 0
    seconds = time.perf_counter() - began
    moments = random.Random(0)
    for _ in range(4):
        process = training(words, killed, *going_on(killed))
        try:
            process.wait(timeout=moments.uniform(0.2, 0.6) * min(seconds, LONG))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    assert finished(training(words, killed, *going_on(killed)))[0] == 0
    assert not resume_path(killed).exists()
    expected, found = Checkpoint.load(whole), Checkpoint.load(killed)
    for name, array in expected.model.arrays().items():
        np.testing.assert_array_equal(found.model.arrays()[name], array)
    for name in expected.metadata.metrics.keys() - {"seconds"}:
        assert found.metadata.metrics[name] == expected.metadata.metrics[name]


def wait_for(path: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)


def test_ctrl_c_in_a_training_keeps_the_best_and_can_go_on(words, tmp_path):
    whole, stopped = tmp_path / "whole.safetensors", tmp_path / "stopped.safetensors"
    process = training(words, stopped)
    wait_for(resume_path(stopped))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the best weights so far are kept" in said
    assert "Traceback" not in said
    assert tokgen("generate", "--checkpoint", stopped, "-n", 3, "--seed", 1).code == 0
    code, said = finished(training(words, stopped, "--resume"))
    assert (code, "going on where it was" in said) == (0, True)
    assert finished(training(words, whole))[0] == 0
    first, second = (Checkpoint.load(path).model.arrays() for path in (whole, stopped))
    np.testing.assert_array_equal(first["embedding.weight"], second["embedding.weight"])


def test_resume_refuses_another_recipe(words, tmp_path):
    path = tmp_path / "m.safetensors"
    process = training(words, path)
    wait_for(resume_path(path))
    process.kill()
    process.communicate()
    refused = tokgen("train", "--resume", "--output", path, "--corpus", words, "-o", "hidden=9")
    assert refused.code == 2
    assert "has hidden 64, not 9; without --resume a new one begins" in refused.err


@pytest.mark.parametrize(
    "command",
    [
        ("generate", "-n", 10**9, "--seed", 1),
        ("generate", "-n", 10**9, "--seed", 1, "--model", "gru"),
        ("generate", "-n", 10**9, "--seed", 1, "--unique"),
        ("top", "-n", 10**8),
    ],
    ids=lambda command: " ".join(map(str, command)),
)
def test_ctrl_c_ends_a_command_quietly(command):
    process = subprocess.Popen(
        [sys.executable, "-m", "tokgen", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stderr.readline()
    assert "shipped with" in first
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"
    assert "Traceback" not in said


def small_files_only():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_leaves_the_checkpoint_that_was_there(words, tmp_path):
    path = tmp_path / "m.safetensors"
    command = ["train", "--corpus", words, "--model", "ngram", "--seed", 1, "--output", path]
    assert tokgen(*command).code == 0
    before = path.read_bytes()
    arguments = [sys.executable, "-m", "tokgen", *map(str, command), "-o", "order=5"]
    full = subprocess.run(arguments, capture_output=True, text=True, preexec_fn=small_files_only)
    assert full.returncode == 1
    assert "tokgen: Cannot write" in full.stderr
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".m.safetensors*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("more", [["--model", "mlp"], ["--model", "gru"], ["--format", "jsonl"]])
def test_a_full_disk_stops_generation_in_a_sentence(more):
    full = tokgen("generate", "-n", 100_000, "--seed", 1, "--output", "/dev/full", *more)
    assert (full.code, "Traceback" in full.err) == (1, False)
    assert full.err.splitlines()[-1].startswith(
        "tokgen: Cannot write '/dev/full': no space is left on the disk"
    )


@pytest.mark.skipif(not Path("/sys/kernel").exists(), reason="needs a folder that none may write")
def test_a_read_only_folder_is_told():
    for command in (
        ("train", "--model", "ngram", "--output", "/sys/kernel/m.safetensors"),
        ("generate", "--output", "/sys/kernel/names.txt"),
        ("next", "a", "--plot", "/sys/kernel/a.png"),
    ):
        refused = tokgen(*command)
        assert (refused.code, "Traceback" in refused.err) == (2, False), refused.err
        assert "Cannot write '/sys/kernel/" in refused.err.splitlines()[-1]
