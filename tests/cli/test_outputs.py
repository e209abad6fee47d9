"""Whatever stands at an output, every command that writes treats it as the one writer does."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from words import WORDS, words_file
from written import OLD

from tokgen.cli import application
from tokgen.errors import RequestError
from tokgen.training.checkpoint import Checkpoint

# What a file of each begins with, and how it is written: arguments before the output, or a line.
WRITERS = {
    "text": (b"", ["generate", "-n", "20", "--seed", "1", "--model", "ngram", "--output"]),
    "jsonl": (b'{"text": ', ["generate", "--format", "jsonl", "--model", "ngram", "--output"]),
    "csv": (b"text,logprob", ["generate", "--format", "csv", "--model", "ngram", "--output"]),
    "checkpoint": (b"", ["train", "--corpus", "words.txt", "--model", "ngram", "--output"]),
    "next": (b"\x89PNG", ["next", "a", "--model", "ngram", "--plot"]),
    "corpora": (b"\x89PNG", ["corpora", "show", "words.txt", "--plot"]),
    "embeddings": (b"\x89PNG", ["embeddings", "--plot"]),
    "save": (b"{", ":save"),
    "export": (b"", ":export"),
}
every_writer = pytest.mark.parametrize("writer", WRITERS)


def write(writer, output):
    """Run the command of a writer in this process."""
    command = WRITERS[writer][1]
    if isinstance(command, str):
        sys.stdin = io.StringIO(f"a\n{command} {output}\n:quit\n")
        application(["repl"])(["repl", "--model", "ngram"], standalone_mode=False)
    else:
        application(command[:1])([*command, str(output)], standalone_mode=False)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    words_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", sys.stdin)


@every_writer
def test_a_link_is_followed(writer, tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(OLD)
    target.chmod(0o640)
    link.symlink_to("target")
    write(writer, link)
    assert os.readlink(link) == "target"
    assert target.read_bytes() != OLD
    assert target.read_bytes().startswith(WRITERS[writer][0])
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@every_writer
def test_a_device_is_written_through(writer):
    before = os.stat("/dev/null")
    write(writer, "/dev/null")
    after = os.stat("/dev/null")
    assert (after.st_ino, after.st_rdev) == (before.st_ino, before.st_rdev)
    assert not [name for name in os.listdir("/dev") if "null." in name]


@every_writer
def test_a_pipe_is_written_through(writer, tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write(writer, path)
    reader.join()
    assert len(read[0]) > 10
    assert read[0].startswith(WRITERS[writer][0])
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("writer", ["text", "jsonl", "csv", "checkpoint", "next"])
def test_what_may_not_be_changed_is_refused_before_the_work(writer, shared_folder, capfd):
    path = shared_folder / "names.png"
    path.write_bytes(OLD)
    path.chmod(0o444)
    with pytest.raises(RequestError, match="you have no permission to change it"):
        write(writer, path)
    assert path.read_bytes() == OLD
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("writer", ["jsonl", "checkpoint", "next"])
def test_standard_output_by_its_path_holds_the_file_alone(writer, tmp_path):
    command = [sys.executable, "-m", "tokgen", *WRITERS[writer][1], "/dev/stdout"]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(WRITERS[writer][0])
    if writer == "checkpoint":
        (tmp_path / "m.safetensors").write_bytes(done.stdout)
        assert Checkpoint.load(tmp_path / "m.safetensors").metadata.model.name == "ngram"
        assert b"train loss" in done.stderr


FULL = """
import resource, sys
sys.path += sys.argv[1:]
import test_outputs
from pathlib import Path
from tokgen.cli import application
from tokgen.errors import TokgenError
from tokgen.text_model import plots
resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
for writer, (_, command) in test_outputs.WRITERS.items():
    path = Path(writer)
    path.write_bytes(test_outputs.OLD)
    try:
        test_outputs.write(writer, path)
        assert isinstance(command, str), f"{writer} was written"  # A session goes on.
    except TokgenError as error:
        assert str(error) == f"Cannot write {writer!r}: a file may not grow so large here.", error
    assert path.read_bytes() == test_outputs.OLD, writer
"""


def test_a_full_disk_leaves_what_was_there(tmp_path):
    folders = [str(folder) for folder in Path(__file__).parents[:2]]
    done = subprocess.run([sys.executable, "-c", FULL, *folders], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace("\n", " ").count("may not grow so large here.") == 2
    assert sorted(os.listdir(tmp_path)) == sorted(
        {*WRITERS, "words.txt", *(name for name in os.listdir(tmp_path) if "xdg" in name)}
    )


FAILING = [
    ["generate", "--format", "jsonl", "--prefix", "Ab"],
    ["generate", "--format", "csv", "--pattern", "a?B"],
    ["generate", "--prefix", "abcdef", "--max-length", "3"],
    ["generate", "--format", "jsonl", "--length", "3", "--pattern", "????"],
    ["generate", "--unique", "--max-length", "5"],
    ["generate", "--model", "nosuch"],
    ["train", "--model", "ngram", "-o", "order=9"],
    ["train", "--corpus", "nosuch.txt"],
    ["train", "--config", "nosuch.yaml"],
]


@pytest.mark.parametrize("command", FAILING, ids=" ".join)
def test_a_request_that_fails_leaves_what_was_there(command, tmp_path):
    path = tmp_path / "keep"
    path.write_bytes(OLD)
    with pytest.raises(RequestError):
        application(command[:1])([*command, "--output", str(path)], standalone_mode=False)
    assert path.read_bytes() == OLD
    assert WORDS[0] in (tmp_path / "words.txt").read_text()
