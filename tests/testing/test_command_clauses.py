"""Every clause of commands finds the command that is made wrong in that way, and no other."""

from __future__ import annotations

import sys

import pytest
from installing import Node

from tokgen.testing import commands
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.every_kind import importing
from tokgen.testing.outcome import checked

RIGHT = '''"""Say a text louder."""
import typer

app = typer.Typer()


@app.command()
def louder(text: str, times: int = 1) -> None:
    """Print TEXT in capitals."""
    print(text.upper() * times)
'''
TWO = '''

@app.command()
def softer(text: str) -> None:
    """Print TEXT in small letters."""
    print(text.lower())
'''
FUNCTION = '''"""Say it as it is."""


def app(text: str) -> None:
    """Print TEXT."""
    print(text)
'''


def instead(old, new, source=RIGHT):
    assert old in source
    return source.replace(old, new)


# What is wrong -> (source, the clause that it violates, what is said of it).
WRONG = {
    "is a number": ("app = 3\n", "typer-app", "it is int"),
    "is a class": (RIGHT + "\napp = typer.Typer\n", "typer-app", "it is type"),
    "has no command": (
        instead("@app.command()\n", ""),
        "command-line",
        "Could not get a command for this Typer instance",
    ),
    "has an annotation that Typer does not know": (
        instead("times: int", "times: int | str"),
        "command-line",
        "Typer currently doesn't support Union types",
    ),
    "says nothing": (
        instead('    """Print TEXT in capitals."""\n', ""),
        "command-help",
        "'loud' has",
    ),
    "says nothing of the second": (
        RIGHT + instead('    """Print TEXT in small letters."""\n', "", TWO),
        "command-help",
        "'loud softer' has",
    ),
}


@pytest.fixture
def outcomes(tmp_path):
    """What came of the clauses of commands alone, for a source."""

    def of(source):
        site = Node(tmp_path)
        site.install("tokgen-louder", {"louder.py": source}, {"commands": {"loud": "louder:app"}})
        with site.found():
            own = [each for each in commands.CLAUSES if each not in importing.CLAUSES]
            command = plugin_under_test("commands", "loud", {})
            return {each.clause.id: each for each in checked(own, command)}

    sys.modules.pop("louder", None)
    yield of
    sys.modules.pop("louder", None)


@pytest.mark.parametrize("source", [RIGHT, RIGHT + TWO, FUNCTION], ids=["one", "two", "function"])
def test_a_command_that_is_right_keeps_every_clause(outcomes, source):
    assert {each.verdict for each in outcomes(source).values()} == {"passed"}


@pytest.mark.parametrize("wrong", WRONG)
def test_each_fault_is_caught_by_its_clause_alone(outcomes, wrong):
    source, clause, said = WRONG[wrong]
    found = outcomes(source)
    assert [each for each, outcome in found.items() if outcome.verdict == "failed"] == [clause]
    assert said in found[clause].said
