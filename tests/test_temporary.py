"""A writer that is killed leaves what was there, and the next writer clears up after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from written import NEW, OLD, stood_before, write

from tokgen.files import check_writable, writing_whole
from tokgen.temporary import SUFFIX

old = pytest.fixture(stood_before)
HALF_WAY = """
import sys
from pathlib import Path
from tokgen.files import writing_whole
with writing_whole(Path(sys.argv[1])) as file:
    file.write(b"half" * 100_000)
    print("half", flush=True)
    sys.stdin.read()
"""


def half_way(path):
    """A process that has written a part of the file and waits until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HALF_WAY, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"half\n"
    return process


def leftovers(folder):
    return sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX))


def test_a_killed_writer_leaves_what_was_there(old):
    process = half_way(old)
    process.send_signal(signal.SIGKILL)
    # Not waited for yet: its number is still taken, but it is dead.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert old.read_bytes() == OLD
    assert len(leftovers(old.parent)) == 1
    write(writing_whole, old)
    assert (leftovers(old.parent), old.read_bytes()) == ([], NEW)
    process.communicate()


BUSY = """
import sys
from pathlib import Path
from tokgen.files import writing_whole
print(flush=True)
for _ in range(int(sys.argv[2])):
    with writing_whole(Path(sys.argv[1])) as file:
        file.write(b"new" * 100_000)
"""


def busy(path, times):
    """A process that writes the file again and again."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, path, str(times)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    return process


@pytest.mark.parametrize("moment", range(10))
def test_killed_at_any_moment(old, moment):
    process = busy(old, 10**9)
    time.sleep(0.003 * moment)
    process.kill()
    process.communicate()
    assert old.read_bytes() in (OLD, b"new" * 100_000)
    write(writing_whole, old)
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_processes_that_write_at_once_leave_each_others_files_alone(old):
    processes = [busy(old, 100) for _ in range(4)]
    while any(process.poll() is None for process in processes):
        assert old.read_bytes() in (OLD, b"new" * 100_000)
    assert [process.communicate()[1] for process in processes] == [b""] * 4
    assert [path.name for path in old.parent.iterdir()] == [old.name]


def test_the_file_of_a_living_writer_is_left_alone(old):
    process = half_way(old)
    write(writing_whole, old)
    check_writable(old)
    assert len(leftovers(old.parent)) == 1
    assert old.read_bytes() == NEW
    process.communicate()
    assert process.returncode == 0
    assert (leftovers(old.parent), old.read_bytes()) == ([], b"half" * 100_000)


def test_what_belongs_to_another_target_is_left_alone(old):
    like_it = ("names", "anames.txt", "names.txt.gz", "names.txt.partial")
    alike = ("the same beginning of a long name 1", "the same beginning of a long name 2")
    others = [old.with_name(name) for name in (*like_it, *alike)]
    for other in others:
        process = half_way(other)
        process.kill()
        process.communicate()
    (old.parent / f"{old.name}{SUFFIX}").write_bytes(OLD)
    write(writing_whole, old)
    assert len(leftovers(old.parent)) == len(others) + 1
    for left, other in zip(range(len(others), 0, -1), others, strict=True):
        write(writing_whole, other)
        assert len(leftovers(old.parent)) == left


def test_threads_leave_each_others_files_alone_where_a_lock_is_the_process_own(old, monkeypatch):
    """As on some network disks: a process is given the lock that it holds already."""
    monkeypatch.setattr("fcntl.flock", lambda *anything: None)
    with writing_whole(old) as first:
        first.write(b"first")
        write(writing_whole, old)
    assert (leftovers(old.parent), old.read_bytes()) == ([], b"first")


def test_a_file_that_is_taken_away_before_it_is_claimed_is_made_again(old, monkeypatch):
    opened = []
    really = os.open

    def taken_away_twice(path, flags, *mode):
        descriptor = really(path, flags, *mode)
        if str(path).endswith(SUFFIX):
            opened.append(path)
            if len(opened) <= 2:
                os.unlink(path)
        return descriptor

    monkeypatch.setattr(os, "open", taken_away_twice)
    write(writing_whole, old)
    assert (len(opened), old.read_bytes(), leftovers(old.parent)) == (3, NEW, [])


WHERE_NOTHING_IS_LOCKED = """
import fcntl, sys
from pathlib import Path
from tokgen.files import writing_whole
def flock(*anything):
    raise OSError(95, "Operation not supported")
fcntl.flock = flock
with writing_whole(Path(sys.argv[1])) as file:
    file.write(b"what is new\\n")
"""


def test_a_disk_without_locks_keeps_leftovers_and_is_written(old):
    process = half_way(old)
    process.kill()
    process.communicate()
    subprocess.run([sys.executable, "-c", WHERE_NOTHING_IS_LOCKED, old], check=True)
    assert (len(leftovers(old.parent)), old.read_bytes()) == (1, NEW)


AS_ON_WINDOWS = """
import hashlib, os, pathlib, sys
sys.platform = "win32"
sys.modules["fcntl"] = None
del os.chown
from tokgen.files import check_writable, writing_whole
path = pathlib.Path(sys.argv[1])
check_writable(path)
with writing_whole(path) as file:
    file.write(b"what is new\\n")
"""


def test_where_there_are_no_locks_only_what_is_an_hour_old_is_removed(old):
    processes = [half_way(old), half_way(old)]
    for process in processes:
        process.kill()
        process.communicate()
    aged, young = leftovers(old.parent)
    os.utime(aged, (time.time() - 3700,) * 2)
    subprocess.run([sys.executable, "-c", AS_ON_WINDOWS, old], check=True)
    assert (leftovers(old.parent), old.read_bytes()) == ([young], NEW)
