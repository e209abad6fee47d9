"""What stood at a path is there, whole, until something whole takes its place."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import NEW, OLD, WRITERS, names, stood_before, write, write_and_raise

from tokgen.errors import RequestError
from tokgen.files import check_writable, text_to, writing_keeping_partial, writing_whole

old = pytest.fixture(stood_before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@contextlib.contextmanager
def umask(mask):
    before = os.umask(mask)
    yield
    os.umask(before)


@pytest.mark.parametrize("writing", [writing_whole, writing_keeping_partial])
@given(chunks=st.lists(st.binary(max_size=20_000)), there=st.none() | st.binary())
def test_any_bytes_come_back(writing, tmp_path_factory, chunks, there):
    path = tmp_path_factory.mktemp("round") / "a"
    if there is not None:
        path.write_bytes(there)
    with writing(path) as file:
        file.writelines(chunks)
    assert path.read_bytes() == b"".join(chunks)
    assert names(path.parent) == ["a"]


@given(text=st.text())
def test_text_is_utf_8_with_its_own_line_ends(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("text") / "a"
    with writing_whole(path) as file:
        text_to(file).write(text)
    assert path.read_bytes() == text.encode()


def test_csv_and_pictures_are_written_into_the_file(tmp_path):
    from matplotlib.figure import Figure

    with writing_keeping_partial(tmp_path / "a.csv") as file:
        csv.writer(text_to(file), lineterminator="\n").writerow(["a,b", "é"])
    assert (tmp_path / "a.csv").read_bytes() == '"a,b",é\n'.encode()
    for ending, beginning in {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}.items():
        path = tmp_path / f"a.{ending}"
        with writing_whole(path) as file:
            Figure().savefig(file, format=ending)
        assert path.read_bytes().startswith(beginning)


@WRITERS
def test_until_the_block_ends_the_old_file_is_whole(writing, old):
    with writing(old) as file:
        file.write(NEW * 10_000)
        file.flush()
        assert old.read_bytes() == OLD
        assert len(names(old.parent)) == 2
        assert all(name.startswith(".names.txt.") for name in names(old.parent)[:1])
    assert old.read_bytes() == NEW * 10_000
    assert names(old.parent) == ["names.txt"]


@WRITERS
@pytest.mark.parametrize("mask", [0o002, 0o022, 0o077])
def test_a_new_file_has_the_mode_of_any_new_file(writing, tmp_path, mask):
    with umask(mask):
        write(writing, tmp_path / "ours")
        (tmp_path / "any").touch()
    assert mode(tmp_path / "ours") == mode(tmp_path / "any") == 0o666 & ~mask


@WRITERS
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o666, 0o755])
def test_the_mode_of_an_old_file_is_kept_from_the_first_byte_on(writing, old, kept):
    old.chmod(kept)
    with umask(0o027), writing(old) as file:
        file.write(NEW)
        assert [mode(path) for path in old.parent.iterdir()] == [kept, kept]
    assert (mode(old), old.read_bytes()) == (kept, NEW)


@pytest.mark.skipif(os.getuid() != 0, reason="gives a file to another user")
def test_the_owner_of_an_old_file_is_kept_where_that_is_allowed(old):
    os.chown(old, 1234, 2345)
    write(writing_whole, old)
    assert (old.stat().st_uid, old.stat().st_gid, old.read_bytes()) == (1234, 2345, NEW)


@WRITERS
def test_symbolic_links_are_followed_and_stay(writing, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "links").mkdir()
    target = tmp_path / "data" / "names.txt"
    (tmp_path / "links" / "first").symlink_to("../data/names.txt")
    link = tmp_path / "second"
    link.symlink_to("links/first")
    for content in (OLD, NEW):  # first it leads nowhere, then to a file
        check_writable(link)
        with writing(link) as file:
            file.write(content)
            assert any(name.startswith(".names.txt.") for name in names(target.parent))
        assert target.read_bytes() == content
        assert not target.is_symlink()
        assert os.readlink(link) == "links/first"
    assert names(tmp_path) == ["data", "links", "second"]
    assert (names(target.parent), names(tmp_path / "links")) == (["names.txt"], ["first"])


def test_other_hard_links_keep_what_was_there(old, tmp_path):
    os.link(old, tmp_path / "other")
    write(writing_whole, old)
    assert (old.read_bytes(), (tmp_path / "other").read_bytes()) == (NEW, OLD)


def test_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / ("ल" * 85)
    check_writable(path)
    write(writing_whole, path)
    assert names(tmp_path) == [path.name]


@WRITERS
@pytest.mark.parametrize("way", ["itself", "another path", "symbolic link", "hard link"])
def test_an_input_is_never_written_over(writing, old, tmp_path, way):
    other = tmp_path / "other"
    if way == "symbolic link":
        other.symlink_to(old)
    elif way == "hard link":
        os.link(old, other)
    else:
        other = old if way == "itself" else tmp_path / ".." / tmp_path.name / old.name
    for output, read in ((old, other), (other, old)):
        said = f"Cannot write {str(output)!r}: it is the same file as {str(read)!r}, "
        for attempt in (check_writable, lambda *asked: write(writing, asked[0], inputs=asked[1])):
            with pytest.raises(RequestError) as refused:
                attempt(output, [tmp_path / "missing", read])
            assert str(refused.value) == said + "which this command reads."
    assert old.read_bytes() == OLD


@WRITERS
def test_what_is_no_input_can_be_written(writing, old, tmp_path):
    twin = tmp_path / "twin"
    twin.write_bytes(OLD)
    write(writing, old, inputs=iter([twin, tmp_path / "missing"]))
    assert (old.read_bytes(), twin.read_bytes()) == (NEW, OLD)


def test_a_device_may_be_read_and_written():
    check_writable(Path("/dev/null"), [Path("/dev/null")])


class Killed(BaseException):
    """What is no `Exception` and no Ctrl-C."""


@WRITERS
@pytest.mark.parametrize("failure", [ValueError, RequestError, SystemExit, GeneratorExit, Killed])
def test_a_failure_in_the_block_changes_nothing(writing, old, failure):
    for path in (old, old.with_name("new")):
        with pytest.raises(failure):
            write_and_raise(writing, path, failure("so"), NEW * 10_000)
    assert (names(old.parent), old.read_bytes()) == (["names.txt"], OLD)


@WRITERS
def test_what_else_fails_in_the_block_is_not_blamed_on_the_file(writing, old):
    for failure in (OSError(errno.ENOSPC, "elsewhere"), FileNotFoundError("a corpus")):
        with pytest.raises(OSError, match=r"elsewhere|a corpus") as raised:
            write_and_raise(writing, old, failure)
        assert raised.value is failure


@WRITERS
def test_of_writers_at_once_the_last_wins_and_each_is_whole(writing, old):
    contents = [bytes([letter]) * 300_000 for letter in b"abcdefgh"]
    start = threading.Barrier(len(contents))
    failures = []

    def work(content):
        start.wait()
        try:
            for _ in range(20):
                write(writing, old, content)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert old.read_bytes() in [OLD, *contents]
    assert failures == []
    assert old.read_bytes() in contents
    assert names(old.parent) == ["names.txt"]


def test_an_earlier_writer_that_ends_later_wins(old):
    with writing_whole(old) as first:
        first.write(b"first")
        write(writing_whole, old)
        assert old.read_bytes() == NEW
    assert old.read_bytes() == b"first"


def test_what_a_check_refuses_leaves_what_was_there(tmp_path):
    path = tmp_path / "kept"
    path.write_text("before")
    seen = []

    def refuse(written):
        seen.append(written.read_text())
        raise ValueError("not so")

    with pytest.raises(ValueError, match="not so"), writing_whole(path, check=refuse) as file:
        file.write(b"after")
    assert seen == ["after"]
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    with writing_whole(path, check=lambda written: seen.append(written.read_text())) as file:
        file.write(b"after")
    assert seen == ["after", "after"]
    assert path.read_text() == "after"


def test_what_is_written_through_is_not_checked():
    with writing_whole(Path(os.devnull), check=lambda written: pytest.fail("checked")) as file:
        file.write(b"gone")
