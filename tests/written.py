"""What the tests of writing share: both ways to write, and a file that stands there before."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tokgen.files import writing_keeping_partial, writing_whole

WRITERS = pytest.mark.parametrize("writing", [writing_whole, writing_keeping_partial])
OLD, NEW = b"what was there\n", b"what is new\n"


def write(writing, path, content=NEW, inputs=()):
    with writing(path, inputs) as file:
        file.write(content)


def write_and_raise(writing, path, failure, content=NEW, inputs=()):
    with writing(path, inputs) as file:
        file.write(content)
        raise failure


def stood_before(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(OLD)
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def run_on_a_disk(mount, script, *arguments):
    """Run a script after shell commands that mount a disk, which its process alone sees."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*command, mount]).returncode:
        pytest.skip("needs to mount a disk in a name space of its own")
    run = f'{mount} && exec {sys.executable} -c "$0" "$@"'
    return subprocess.run([*command, run, script, *arguments], capture_output=True, text=True)
