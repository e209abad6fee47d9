"""README.md, the lecture and the docs: what they show is what the commands print."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from running import tokgen

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "examples/lecture.md",
    ROOT / "examples/teacher.md",
    ROOT / "examples/names.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
README = PAGES[0].read_text(encoding="utf-8")
BLOCK = re.compile(r"```console\n\$ tokgen (.*?)\n(.*?)```", flags=re.DOTALL)
BLOCKS = [
    (page, *block) for page in PAGES for block in BLOCK.findall(page.read_text(encoding="utf-8"))
]


def without_line_ends(text):
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_there_are_blocks():
    assert len(BLOCKS) >= 25


@pytest.mark.parametrize(
    ("page", "command", "shown"), BLOCKS, ids=[command for _, command, _ in BLOCKS]
)
def test_block_is_what_the_command_prints(page, command, shown, update_goldens):
    done = tokgen(*shlex.split(command))
    assert done.code == 0, done.err
    if update_goldens:
        put_into_page(page, command, shown, done.out)
    else:
        assert without_line_ends(done.out) == without_line_ends(shown)


def put_into_page(page, command, shown, printed):
    """What the command prints now stands where the page showed something else."""
    head = f"```console\n$ tokgen {command}\n"
    lines = "".join(f"{line}\n" for line in without_line_ends(printed))
    text = page.read_text(encoding="utf-8")
    assert head + shown + "```" in text
    page.write_text(text.replace(head + shown, head + lines), encoding="utf-8")


def test_both_first_commands_stand_in_it():
    assert (
        "python -m pip install . -c constraints.txt && "
        "tokgen generate --corpus indian-names --temp 1.5" in README
    )
    assert (
        'python -m pip install -e ".[test]" -c constraints.txt && pytest -n auto --dist loadfile'
        in README
    )


def test_library_example_runs():
    script = ROOT / "examples" / "library_use.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 7


def test_the_developers_story_runs():
    script = ROOT / "examples" / "developer.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for said in ("the same model", "the same documents", "the same scores"):
        assert f"{said}: True" in done.stdout
    assert "Did you mean 'samplers'?" in done.stdout


STORY, SAMPLER = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_of_the_readme_runs(capsys):
    exec(compile(STORY, "README.md", "exec"), {})
    assert all(line.startswith("ka") for line in capsys.readouterr().out.splitlines())


def test_the_plugin_of_the_readme_keeps_its_contract(tmp_path):
    file = tmp_path / "soften.py"
    file.write_text(SAMPLER)
    done = tokgen("plugins", "check", file, "--seconds", "60")
    assert done.code == 0, done.out
    assert "soften" in tokgen("next", "abi", "--plugin", file, "--sampler", "soften").out


EXACT = (ROOT / "docs/exact.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\|.*\| `tokgen ([^`]+)` \| (.+) \|$", EXACT, flags=re.MULTILINE)


TRAINED = re.findall(r"^tokgen (train .+)$", EXACT, flags=re.MULTILINE)


def test_there_are_lines_of_what_is_exact():
    assert len(LINES) == 21


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """The folder that holds the model which the page trains."""
    folder = tmp_path_factory.mktemp("pairs")
    with contextlib.chdir(folder):
        (command,) = TRAINED
        assert tokgen(*shlex.split(command)).code == 0
    return folder


@pytest.mark.parametrize(("command", "said"), LINES, ids=[command for command, _ in LINES])
def test_what_is_exact_is_said_by_the_command(command, said, pairs, monkeypatch):
    monkeypatch.chdir(pairs)
    done = tokgen(*shlex.split(command))
    assert done.code == 0, done.err
    assert said in " ".join((done.out + done.err).split())
