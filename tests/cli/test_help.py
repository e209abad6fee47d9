"""`tokgen --help` names every command, and imports none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from running import tokgen

from tokgen.cli import COMMANDS, GROUPS, _defined

HEAVY = ("numpy", "pydantic", "yaml", "torch", "tokgen.cli.commands", "tokgen.plugin_api")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], [], ["--version"]])
def test_the_help_imports_nothing_that_takes_long(arguments):
    script = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('imported:', sys.modules.keys() & {set(HEAVY)}))\n"
        "import tokgen.cli; tokgen.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "imported: set()"


def listed(arguments, width):
    """What the help says of each command, at most so wide."""
    text = tokgen(*arguments, "--help").out
    assert max(map(len, text.splitlines())) <= width
    said, name = {}, ""
    for line in text.partition("Commands:\n")[2].splitlines():
        if line[2] != " ":
            name, _, line = line.strip().partition(" ")
        said[name] = f"{said.get(name, '')} {line.strip()}".strip()
    return said


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_command_stands_in_the_help_with_its_whole_first_sentence(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    said = listed((), width)
    assert list(said) == [*COMMANDS, *GROUPS]
    for name, reference in COMMANDS.items():
        assert said[name].endswith(".")
        assert " ".join(_defined(reference).__doc__.split()).startswith(said[name]), name
    for name, (_, summary) in GROUPS.items():
        assert said[name] == summary
        assert summary in " ".join(tokgen(name, "--help").out.split())
        for each in listed((name,), width).values():
            assert each.endswith(".")
            assert "..." not in each


def test_a_command_after_two_dashes_is_invoked():
    assert (
        tokgen("--", "plugins", "list", "--json").rows == tokgen("plugins", "list", "--json").rows
    )
