"""A disk that is full, or fails at any step, leaves what was there and is told in a sentence."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from written import OLD, WRITERS, names, run_on_a_disk, stood_before, write

from tokgen import files
from tokgen.errors import TokgenError

old = pytest.fixture(stood_before)

SMALL_DISK = """
import sys
from pathlib import Path
from tokgen.errors import TokgenError
from tokgen.files import writing_keeping_partial, writing_whole
path = Path(sys.argv[1])
with writing_whole(path) as file:
    file.write(b"old")
for writing in (writing_whole, writing_keeping_partial):
    for chunks in ([b"x" * 10**6], [b"x" * 1000] * 1000):
        try:
            with writing(path) as file:
                file.writelines(chunks)
            raise SystemExit("it did not fail")
        except TokgenError as error:
            assert error.exit_code == 1 and str(error).endswith(sys.argv[2]), error
        assert [each.name for each in path.parent.iterdir()] == [path.name]
        assert path.read_bytes() == b"old"
"""


def test_a_full_disk_leaves_what_was_there(tmp_path):
    told = f"Cannot write {str(tmp_path / 'a')!r}: no space is left on the disk."
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}"
    done = run_on_a_disk(mount, SMALL_DISK, tmp_path / "a", told)
    assert done.returncode == 0, done.stderr


def test_a_limit_on_sizes_leaves_what_was_there(tmp_path):
    def small_files_only():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    told = f"Cannot write {str(tmp_path / 'a')!r}: a file may not grow so large here."
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, tmp_path / "a", told],
        capture_output=True,
        text=True,
        preexec_fn=small_files_only,
    )
    assert done.returncode == 0, done.stderr


@WRITERS
@pytest.mark.parametrize("step", ["fsync", "close", "replace"])
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "no space is left on the disk"),
        (errno.EDQUOT, "your share of the disk is used up"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_disk_that_fails_late_leaves_what_was_there(
    writing, old, monkeypatch, step, number, reason
):
    def fails(*anything):
        raise OSError(number, os.strerror(number))

    owner = {"fsync": os, "close": files._Output, "replace": Path}[step]
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, fails)
        with pytest.raises(TokgenError) as raised:
            write(writing, old)
    assert raised.type is TokgenError
    assert str(raised.value) == f"Cannot write {str(old)!r}: {reason}."
    assert (names(old.parent), old.read_bytes()) == (["names.txt"], OLD)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@WRITERS
@pytest.mark.parametrize("content", [b"a", b"a" * 1_000_000])
@pytest.mark.parametrize("flush", [lambda file: file.flush(), lambda file: None])
def test_a_full_device_is_told(writing, content, flush):
    def write_all():
        with writing(Path("/dev/full")) as file:
            file.write(content)
            flush(file)

    with pytest.raises(TokgenError) as raised:
        write_all()
    assert raised.type is TokgenError
    assert str(raised.value) == "Cannot write '/dev/full': no space is left on the disk."
