"""README.md, the lecture and the docs: what they show is what the commands print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from running import tokgen

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LECTURE = (ROOT / "examples" / "lecture.md").read_text(encoding="utf-8")
EXACT = (ROOT / "docs" / "exact.md").read_text(encoding="utf-8")
BLOCKS = [
    block
    for text in (README, LECTURE, EXACT)
    for block in re.findall(r"```console\n\$ tokgen (.*?)\n(.*?)```", text, flags=re.DOTALL)
]


def without_line_ends(text):
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_there_are_blocks():
    assert len(BLOCKS) >= 25


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_block_is_what_the_command_prints(command, shown):
    done = tokgen(*shlex.split(command))
    assert done.code == 0, done.err
    assert without_line_ends(done.out) == without_line_ends(shown)


def test_both_first_commands_stand_in_it():
    assert (
        "python -m pip install . -c constraints.txt && "
        "tokgen generate --corpus indian-names --temp 1.5" in README
    )
    assert (
        'python -m pip install -e ".[test]" -c constraints.txt && pytest -n auto --dist loadfile'
        in README
    )


def test_linked_files_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_library_example_runs():
    script = ROOT / "examples" / "library_use.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7
