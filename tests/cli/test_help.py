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


def test_every_command_stands_in_the_help_with_what_its_docstring_says(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    _, _, listed = tokgen("--help").out.partition("Commands:\n")
    said = dict(line.split(maxsplit=1) for line in listed.splitlines())
    assert list(said) == [*COMMANDS, *GROUPS]
    for name, reference in COMMANDS.items():
        assert _defined(reference).__doc__.startswith(said[name].rstrip(".")), name
    for name, (_, summary) in GROUPS.items():
        assert said[name] == summary
        assert summary in tokgen(name, "--help").out


def test_a_command_after_two_dashes_is_invoked():
    assert (
        tokgen("--", "plugins", "list", "--json").rows == tokgen("plugins", "list", "--json").rows
    )
