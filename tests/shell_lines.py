"""Commands that a page names and no test runs: that all they name is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from running import tokgen

ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
SESSIONS = re.findall(
    r"^def (\w+)\(session: nox", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE
)
# What a page may name beside these: programs of others, whose words are their affair.
OTHERS = ("git", "cd", "cp", "llm", "lm_eval", "pytest", "mkdocs", "ruff")


def check(body: str) -> None:
    """Hold each line of a block against the project's extras, sessions, commands and options.

    A command that the block itself begins as a plugin has options of its own.
    """
    begun = re.findall(r"tokgen plugins new command ([\w-]+)", body)
    for line in body.replace("\\\n", " ").splitlines():
        for command in re.split(r" && | \|\| | \| ", line.partition("#")[0].strip()):
            words = shlex.split(command)
            if words and not (begun and words[1:2] == begun[:1]):
                _check(words)


def _check(words: list[str]) -> None:
    match words:
        case ["python", "-m", "pip", "install", *what]:
            for extra in re.findall(r"\[(\w+(?:,\w+)*)\]", " ".join(what)):
                assert extra == "dev" or set(extra.split(",")) <= set(EXTRAS), extra
        case ["python", "-m", "venv" | "pytest" | "http.server", *_] | [".", *_]:
            pass
        case ["nox", *_, session] | ["nox", *_, session, "--", _]:
            assert session in SESSIONS, session
        case ["tokgen", *arguments]:
            _check_options(arguments)
        case _:
            assert words[0] in OTHERS, words


def _check_options(arguments: list[str]) -> None:
    command = [each for each in arguments[:2] if re.fullmatch(r"[a-z]+", each)]
    told = tokgen(*command, "--help")
    assert told.code == 0, arguments
    for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", " ".join(arguments)):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", told.out), (command, option)
