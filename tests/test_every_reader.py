"""Whatever reads a file that a user names says the true reason why it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.registry.plugin_file import add_file
from tokgen.session.file import read_session
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import read_metadata
from tokgen.training.recipe import read_recipe
from tokgen.training.resume import find_unfinished, resume_path


def unfinished(path):
    resume_path(path).symlink_to(path)
    try:
        find_unfinished(path)
    finally:
        resume_path(path).unlink()


READERS = {
    "corpus": lambda path: open_corpus(str(path)),
    "recipe": read_recipe,
    "checkpoint": Checkpoint.load,
    "metadata": read_metadata,
    "plugin": add_file,
    "session": read_session,
    "unfinished": unfinished,
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())


def reason(read, path):
    with pytest.raises(RequestError) as refused:
        read(path)
    _, said, told = str(refused.value).partition("Cannot read '")
    assert said, refused.value
    return told.partition("': ")[2]


@every_reader
def test_a_folder(read, tmp_path):
    path = tmp_path / "a.py"
    path.mkdir()
    assert reason(read, path) == "it is a folder."


@every_reader
def test_a_device(read, tmp_path):
    path = tmp_path / "a.py"
    path.symlink_to("/dev/zero")
    assert reason(read, path) == "it is a device, and a file is needed here."


@every_reader
def test_what_may_not_be_read(read, shared_folder):
    path = shared_folder / "a.py"
    path.write_text("abc\n")
    path.chmod(0o000)
    assert reason(read, path) == "you have no permission to read it."


@every_reader
def test_what_lies_in_a_folder_that_may_not_be_entered(read, shared_folder):
    folder = shared_folder / "closed"
    folder.mkdir()
    path = folder / "a.py"
    path.write_text("abc\n")
    (shared_folder / "b.py").symlink_to(path)
    folder.chmod(0o000)
    assert reason(read, shared_folder / "b.py") == "you have no permission to read it."


@every_reader
def test_links_in_a_circle(read, tmp_path):
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    assert reason(read, tmp_path / "a.py") == "its symbolic links lead in a circle."


@pytest.mark.parametrize("read", [Checkpoint.load, read_metadata, read_recipe, read_session])
def test_nothing(read, tmp_path):
    assert reason(read, tmp_path / "a.py") == "there is no such file."
    assert reason(read, Path("a" * 300)) == "its name is too long."


@pytest.mark.parametrize("read", [READERS["corpus"], READERS["plugin"]])
def test_nothing_where_a_name_may_be_meant(read, tmp_path):
    for path in (tmp_path / "a.py", Path("a" * 300), Path("a\0b")):
        with pytest.raises(RequestError, match="There is no "):
            read(path)


def test_a_corpus_whose_name_no_checkpoint_could_tell(tmp_path):
    path = os.fsdecode(bytes(tmp_path / "words") + b"\xff.txt")
    Path(path).write_text("abc\n")
    with pytest.raises(RequestError, match="is not a path for tokgen: it is not UTF-8"):
        open_corpus(path)
