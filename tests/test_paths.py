"""A path that cannot be written is refused before the work, in a sentence that is true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from written import run_on_a_disk

from tokgen.errors import RequestError
from tokgen.files import check_writable, writing_keeping_partial, writing_whole
from tokgen.paths import from_any_folder, make_folder, own_descriptor, user_path


def enter(writing):
    def attempt(path):
        with writing(path):
            raise AssertionError("the work has begun")

    return attempt


ATTEMPTS = pytest.mark.parametrize(
    "attempt",
    [check_writable, enter(writing_whole), enter(writing_keeping_partial)],
    ids=["check", "whole", "partial"],
)


def refusal(attempt, path):
    with pytest.raises(RequestError) as refused:
        attempt(path)
    begins = f"Cannot write {str(path)!r}: "
    assert str(refused.value).startswith(begins)
    return str(refused.value).removeprefix(begins)


@ATTEMPTS
def test_a_folder_that_lacks(attempt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal(attempt, Path("x/y.txt")) == "there is no folder 'x'."
    assert refusal(attempt, Path("x/y/z.txt")) == "there is no folder 'x/y'."
    Path("link").symlink_to("away/z.txt")
    away = str(tmp_path / "away")
    assert refusal(attempt, Path("link")) == f"there is no folder {away!r}."
    assert os.listdir() == ["link"]


@ATTEMPTS
def test_a_file_where_a_folder_should_be(attempt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x").touch()
    assert refusal(attempt, Path("x/y.txt")) == "'x' is not a folder."
    assert refusal(attempt, Path("x/y/z.txt")) == "'x' is not a folder."


@ATTEMPTS
def test_a_folder_in_its_place(attempt, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert refusal(attempt, tmp_path) == "it is a folder."
    assert refusal(attempt, tmp_path / "link") == "it is a folder."
    assert refusal(attempt, Path()) == "it is a folder."


@ATTEMPTS
def test_names_that_no_file_can_have(attempt, tmp_path):
    assert refusal(attempt, tmp_path / ("a" * 256)) == "its name is too long."
    assert refusal(attempt, tmp_path / "a\0b") == "no file can have this name."
    assert refusal(attempt, tmp_path / "a\ud800b") == "no file can have this name."
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert refusal(attempt, tmp_path / "a") == "its symbolic links lead in a circle."


@ATTEMPTS
def test_a_read_only_file_is_refused_though_its_folder_would_allow_it(attempt, shared_folder):
    path = shared_folder / "a"
    path.touch()
    path.chmod(0o444)
    assert refusal(attempt, path) == "you have no permission to change it."
    assert os.listdir(shared_folder) == ["a"]


@ATTEMPTS
def test_a_read_only_folder(attempt, shared_folder):
    (shared_folder / "in").mkdir()
    path = shared_folder / "in" / "a"
    path.touch()
    path.parent.chmod(0o555)
    said = f"you have no permission to write in the folder {str(path.parent)!r}."
    assert refusal(attempt, path) == said
    assert refusal(attempt, path.with_name("b")) == said
    (shared_folder / "link").symlink_to(path)
    assert refusal(attempt, shared_folder / "link") == said
    path.parent.chmod(0o000)
    assert refusal(attempt, path) == said


@ATTEMPTS
def test_a_pipe_that_may_not_be_written(attempt, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert refusal(attempt, tmp_path / "fifo") == "you have no permission to change it."


READ_ONLY_DISK = """
import sys
from pathlib import Path
from tokgen.errors import RequestError
from tokgen.files import check_writable
for name in ("there", "new"):
    try:
        check_writable(Path(sys.argv[1]) / name)
    except RequestError as error:
        print(error)
"""


def test_a_read_only_disk(tmp_path):
    mount = (
        f"mount -t tmpfs none {tmp_path} && touch {tmp_path}/there && "
        f"mount -o remount,ro {tmp_path}"
    )
    done = run_on_a_disk(mount, READ_ONLY_DISK, tmp_path)
    assert done.stdout.splitlines() == [
        f"Cannot write {str(tmp_path / name)!r}: its file system is read-only."
        for name in ("there", "new")
    ], done.stderr


def test_a_check_changes_nothing(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    os.utime(path, (1, 1))
    check_writable(path)
    check_writable(tmp_path / "b")
    assert (os.listdir(tmp_path), path.read_bytes()) == (["a"], b"old")
    assert path.stat().st_mtime == 1


def test_a_home_folder_is_put_for_its_sign(monkeypatch):
    monkeypatch.setenv("HOME", "/home/maja")
    assert user_path("~/a.txt") == Path("/home/maja/a.txt")
    assert user_path("~") == Path("/home/maja")
    assert user_path("a/~/b") == Path("a/~/b")
    assert user_path("~no such user/b") == Path("~no such user/b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "A path is empty: the name of a file is needed."),
        ("a\0b", "'a\\x00b' is not a path: it holds a NUL character."),
        (os.fsdecode(b"caf\xe9"), "'caf\\udce9' is not a path for tokgen: it is not UTF-8."),
    ],
)
def test_what_is_no_path(text, said):
    with pytest.raises(RequestError) as refused:
        user_path(text)
    assert str(refused.value) == said


def test_a_descriptor_is_known_by_every_path(tmp_path):
    reading, writing = os.pipe()
    (tmp_path / "link").symlink_to(f"/dev/fd/{writing}")
    (tmp_path / "1").touch()
    for path in (f"/dev/fd/{writing}", f"/proc/self/fd/{writing}", tmp_path / "link"):
        assert own_descriptor(Path(path)) == writing
    assert own_descriptor(Path("/dev/stdout")) == 1
    assert own_descriptor(Path("/dev/null")) is None
    assert own_descriptor(tmp_path / "1") is None
    os.close(reading)
    os.close(writing)


def test_own_folders_are_made(tmp_path):
    for _ in range(2):
        make_folder(tmp_path / "cache" / "tokgen")
    assert (tmp_path / "cache" / "tokgen").is_dir()
    (tmp_path / "file").touch()
    for path, reason in (
        (tmp_path / "file", "a file with this name is there"),
        (tmp_path / "file" / "in", f"{str(tmp_path / 'file')!r} is not a folder"),
        (tmp_path / ("a" * 256), "its name is too long"),
        (tmp_path / "a\0", "no file can have this name"),
    ):
        with pytest.raises(RequestError) as refused:
            make_folder(path)
        assert str(refused.value) == f"Cannot make the folder {str(path)!r}: {reason}."


def test_own_folders_need_permission(shared_folder):
    (shared_folder / "in").mkdir(mode=0o555)
    with pytest.raises(RequestError, match=r"Cannot make the folder .*: you have no permission."):
        make_folder(shared_folder / "in" / "cache")


def test_a_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("a\n")
    assert from_any_folder("words.txt") == str(tmp_path / "words.txt")
    assert from_any_folder("-") == "-"
    assert from_any_folder("shipped:mlp") == "shipped:mlp"
