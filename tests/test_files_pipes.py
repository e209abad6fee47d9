"""A device, a pipe or standard output is written through; it is never replaced."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from written import NEW, OLD, WRITERS, names, write, write_and_raise

from tokgen.files import check_writable


@WRITERS
def test_a_device_is_written_through(writing, tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    for path in (Path("/dev/null"), link):
        check_writable(path)
        write(writing, path)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert names(tmp_path) == ["link"]


@pytest.fixture
def fifo(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@contextlib.contextmanager
def reader(path, got):
    thread = threading.Thread(target=lambda: got.append(path.read_bytes()))
    thread.start()
    yield
    thread.join()


@WRITERS
def test_a_pipe_is_written_through_and_stays(writing, fifo):
    got = []
    check_writable(fifo)
    with reader(fifo, got):
        write(writing, fifo, NEW * 100_000)
    assert got == [NEW * 100_000]
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert names(fifo.parent) == ["fifo"]


@WRITERS
def test_a_pipe_gets_what_came_before_a_failure(writing, fifo):
    got = []
    with reader(fifo, got), pytest.raises(ValueError, match="so"):
        write_and_raise(writing, fifo, ValueError("so"))
    assert got == [NEW]


@WRITERS
@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_reader_that_has_gone_is_no_failure_of_writing(writing, fifo, size):
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def write_to_nobody():
        with writing(fifo) as file:
            os.close(descriptor)
            file.write(b"a" * size)

    with pytest.raises(BrokenPipeError):
        write_to_nobody()


@WRITERS
def test_ctrl_c_does_not_wait_for_a_reader_that_does_not_read(writing, fifo):
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    filler = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(filler, b"a" * 4096)
    with pytest.raises(KeyboardInterrupt) as raised:
        write_and_raise(writing, fifo, KeyboardInterrupt)
    assert raised.type is KeyboardInterrupt
    os.close(filler)
    os.close(descriptor)
    assert names(fifo.parent) == ["fifo"]


AMONG_OTHERS = """
import sys
from pathlib import Path
from tokgen.files import check_writable, writing_keeping_partial
path = Path(sys.argv[1])
print("before", flush=True)
check_writable(path)
with writing_keeping_partial(path) as file:
    file.write(b"between\\n")
print("after", flush=True)
"""


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("flags", ["wb", "ab"])
def test_standard_output_by_its_path_goes_where_it_stands(tmp_path, path, flags):
    if path == "link":
        (tmp_path / "link").symlink_to("/dev/stdout")
        path = tmp_path / "link"
    into = tmp_path / "all.txt"
    into.write_bytes(OLD)
    with into.open(flags) as file:
        subprocess.run([sys.executable, "-c", AMONG_OTHERS, path], stdout=file, check=True)
    expected = b"before\nbetween\nafter\n"
    assert into.read_bytes() == (expected if flags == "wb" else OLD + expected)
    piped = subprocess.run([sys.executable, "-c", AMONG_OTHERS, path], stdout=subprocess.PIPE)
    assert piped.stdout == expected
