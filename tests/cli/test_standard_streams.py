"""Standard streams that are closed or full, or whose reader goes: a sentence, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

VIEWS = (
    "next",
    "analyze --model mlp",
    "info",
    "corpora show",
    "score abid",
    "plugins list",
    "generate -n 3",
)
full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def shell(command, stdin=""):
    command = command.replace("tokgen", f"{sys.executable} -m tokgen", 1)
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, input=stdin
    )


@pytest.mark.parametrize("view", VIEWS)
def test_a_reader_that_goes_is_no_failure(view):
    done = shell(f"tokgen {view} | true")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("tokgen next >&-", 1, "tokgen: Cannot write 'standard output': it is closed."),
        ("tokgen generate -n 2 >&-", 1, "tokgen: Cannot write 'standard output': it is closed."),
        ("tokgen --help >&-", 1, "tokgen: Cannot write 'standard output': it is closed."),
        (
            "tokgen nosuch >&-",
            2,
            "tokgen: 'tokgen' has no command 'nosuch' (--help lists the commands).",
        ),
        ("tokgen repl <&-", 0, None),
        ("tokgen next <&-", 0, None),
        ("tokgen next 2>&-", 0, None),
        ("tokgen generate -n 2 2>&-", 0, None),
        ("tokgen next <&- >&- 2>&-", 1, None),
        ("tokgen nosuch 2>&-", 2, None),
    ],
)
def test_closed_streams(command, code, said):
    done = shell(command)
    assert (done.returncode, "Traceback" in done.stdout + done.stderr) == (code, False)
    if said is not None:
        assert done.stderr.splitlines()[-1] == said


@full_disk
@pytest.mark.parametrize("view", ["next", "generate -n 2", "corpora show", "--help"])
def test_a_full_output_is_told(view):
    done = shell(f"tokgen {view} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "tokgen: Cannot write 'standard output': no space is left on the disk."
    )


@full_disk
@pytest.mark.parametrize("command", ["next", "generate -n 2 --seed 1"])
def test_talk_that_cannot_be_written_stops_nothing(command):
    done = shell(f"tokgen {command} 2> /dev/full")
    assert (done.returncode, done.stdout != "") == (0, True)


def test_a_file_that_is_written_does_not_take_the_number_of_a_closed_stream(tmp_path):
    output = tmp_path / "names.txt"
    done = shell(f"tokgen generate -n 3 --seed 1 --output {output} <&- >&- 2>&-")
    assert done.returncode == 0
    assert len(output.read_text().splitlines()) == 3
