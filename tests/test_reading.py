"""Only files are read, no byte more than may be, and every refusal says the true reason."""

from __future__ import annotations

import errno
import io
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from tokgen.errors import RequestError, TokgenError
from tokgen.reading import (
    begins_as_tensors,
    begins_as_text,
    decode_utf8,
    read_file,
    read_file_or_pipe,
    read_stream,
    regular_size,
)

READERS = pytest.mark.parametrize("read", [read_file, read_file_or_pipe])


def refusal(read, path, limit=100):
    with pytest.raises(RequestError) as refused:
        read(path, limit)
    begins = f"Cannot read {str(path)!r}: "
    assert str(refused.value).startswith(begins)
    return str(refused.value).removeprefix(begins)


@READERS
@given(content=st.binary(), spare=st.integers(0, 10))
def test_a_file_within_the_limit(read, tmp_path_factory, content, spare):
    path = tmp_path_factory.mktemp("read") / "a"
    path.write_bytes(content)
    assert read(path, len(content) + spare) == content
    assert regular_size(path) == len(content)


@READERS
def test_several_chunks_and_links(read, tmp_path):
    content = os.urandom(3_000_001)
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "link").symlink_to("a")
    assert read(tmp_path / "link", len(content)) == content


@READERS
def test_a_file_over_the_limit_is_not_opened(read, tmp_path, monkeypatch):
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(1 << 40)

    def opened(*anything):
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "open", opened)
    said = "it has 1,099,511,627,776 bytes, and 1,000 are the most that can be read here."
    assert refusal(read, path, 1000) == said


@READERS
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_file_that_conceals_its_size_is_bounded_too(read):
    assert Path("/proc/self/maps").stat().st_size == 0
    said = "it has more than 10 bytes, which are the most that can be read here."
    assert refusal(read, Path("/proc/self/maps"), 10) == said


@READERS
def test_what_is_no_file_is_told_as_what_it_is(read, tmp_path):
    assert refusal(read, tmp_path / "a") == "there is no such file."
    assert refusal(read, tmp_path / "a" / "b") == "there is no such file."
    assert refusal(read, tmp_path) == "it is a folder."
    assert refusal(read, Path("/dev/zero")) == "it is a device, and a file is needed here."
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        said = "it is a socket, and a file is needed here."
        assert refusal(read, tmp_path / "socket") == said
    (tmp_path / "file").touch()
    file = str(tmp_path / "file")
    assert refusal(read, tmp_path / "file" / "a") == f"{file!r} is not a folder."
    assert refusal(read, tmp_path / "a\0") == "no file can have this name."
    assert refusal(read, tmp_path / ("a" * 256)) == "its name is too long."
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(read, tmp_path / "loop") == "its symbolic links lead in a circle."


@READERS
def test_a_file_that_may_not_be_read(read, tmp_path, monkeypatch):
    def forbidden(*anything):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    (tmp_path / "a").touch()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", forbidden)
        assert refusal(read, tmp_path / "a") == "you have no permission to read it."


@READERS
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_a_disk_that_fails_is_not_the_users_fault(read):
    with pytest.raises(TokgenError) as failed:  # address 0 belongs to no process
        read(Path("/proc/self/mem"), 100)
    assert failed.type is TokgenError
    assert str(failed.value) == f"Cannot read '/proc/self/mem': {os.strerror(errno.EIO)}."


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def feed(path, content):
    def write():
        with path.open("wb") as file:
            try:
                file.write(content)
                file.flush()
            except BrokenPipeError:
                file.raw.close()

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_a_pipe_is_read_where_the_caller_allows_it(fifo):
    content = os.urandom(1_500_000)
    thread = feed(fifo, content)
    assert read_file_or_pipe(fifo, len(content)) == content
    thread.join()


def test_a_pipe_is_read_no_further_than_the_limit(fifo):
    thread = feed(fifo, b"a" * 5_000_000)
    said = "it has more than 1,000 bytes, which are the most that can be read here."
    assert refusal(read_file_or_pipe, fifo, 1000) == said
    thread.join()


def test_a_pipe_is_refused_without_waiting_where_only_a_file_will_do(fifo):
    assert refusal(read_file, fifo) == "it is a pipe, and a file is needed here."


def test_process_substitution():
    script = (
        "import sys; from pathlib import Path; from tokgen.reading import read_file_or_pipe\n"
        "print(read_file_or_pipe(Path(sys.argv[1]), 100))"
    )
    command = f"{sys.executable} -c '{script}' <(echo one; echo two)"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout == "b'one\\ntwo\\n'\n", done.stderr


@given(content=st.binary(max_size=100), limit=st.integers(0, 100))
def test_a_stream_is_read_whole_or_refused(content, limit):
    stream = io.BytesIO(content)
    if len(content) <= limit:
        assert read_stream(stream, limit, "standard input") == content
    else:
        with pytest.raises(RequestError, match=f"Cannot read standard input: .* {limit:,} bytes"):
            read_stream(stream, limit, "standard input")
        assert stream.tell() == limit + 1


@given(text=st.text())
def test_utf_8_comes_back(text):
    assert decode_utf8(text.encode(), "'a'") == text


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"\xff", "line 1, byte 1 is 0xff"),
        (b"ab\ncd\xe9f\n", "line 2, byte 3 is 0xe9"),
        ("é\n".encode() + b"a\xc3", "line 2, byte 2 is 0xc3"),
        (b"\r\n\r\n\xed\xa0\x80", "line 3, byte 1 is 0xed"),
    ],
)
def test_what_is_not_utf_8_is_told_by_line_and_byte(content, where):
    with pytest.raises(RequestError) as refused:
        decode_utf8(content, "'a.txt'")
    assert str(refused.value) == f"'a.txt' is not UTF-8: {where}."


def test_a_checkpoint_is_known_by_its_shape_even_where_its_bytes_are_utf8():
    content = save({"counts": np.zeros(8, np.int64)}, {"tokgen": "{}"})
    content.decode()
    assert begins_as_tensors(content)
    with pytest.raises(RequestError, match="'t' holds a checkpoint, not a text: give it as `chec"):
        decode_utf8(content, "'t'")


@given(st.text())
def test_no_text_is_taken_for_a_checkpoint(text):
    assert not begins_as_tensors(text.encode())
    assert not begins_as_tensors(f'{{"names": "{text}"}}'.encode())


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=2), st.integers(1, 3))
def test_a_text_is_known_though_its_last_character_is_cut(text, cut):
    assert begins_as_text(text.encode())
    assert begins_as_text(("é" * 9 + text).encode()[: 18 - cut])
    assert not begins_as_text(text.encode() + b"\0")
    assert not begins_as_text(b"\xff" + text.encode())
    assert not begins_as_text(b"")
