"""A page of the docs, walked from top to bottom in a folder of its own.

A block with a title is a file, which is written. `$ tokgen …` and `$ python …` are run and print
what is shown. Where nothing is shown, since it differs between machines, they only have to succeed.
How many seconds something took is not compared, and the folder is called by one name.
`python -m pip install -e FOLDER` lets its plugins be found as pip does, and asks no index.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from installing import Node
from running import Done, tokgen

BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', flags=re.DOTALL | re.MULTILINE)
SHOWN_FOLDER = "/home/me"
SECONDS = re.compile(r"\d+\.\d s\b|^seconds [\d.]+ s$")


@dataclass(frozen=True)
class Command:
    """A command that a page shows, and what it shows of its output."""

    typed: str
    shown: str


@dataclass(frozen=True)
class File:
    """A file that a page shows."""

    name: str
    text: str


def steps_of(text):
    """The files and commands of a page in their order."""
    for kind, title, inside in BLOCK.findall(text):
        if title:
            yield File(title, inside)
        elif kind == "console":
            typed, _, shown = inside.removeprefix("$ ").partition("\n")
            yield Command(typed, shown)


def walk(page: Path, folder: Path):
    """What each command of the page shows and prints when all before it was done, in `folder`."""
    for step in steps_of(page.read_text(encoding="utf-8")):
        if isinstance(step, File):
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")
        else:
            done = run(*shlex.split(step.typed))
            if step.shown:
                yield step, (done.out or done.err).replace(str(folder), SHOWN_FOLDER)
            else:
                assert done.code == 0, done.err


def run(program, *arguments):
    """What came of `tokgen …` or `python …`."""
    if program == "tokgen":
        # However busy the machine is, no clause of a check is cut off.
        patient = ["--seconds", "60"] if arguments[:2] == ("plugins", "check") else []
        return tokgen(*arguments, *(patient if "--explain" not in arguments else []))
    assert program == "python", program
    if arguments[:4] == ("-m", "pip", "install", "-e"):
        return installed(Path(arguments[4]))
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    return Done(done.returncode, done.stdout, done.stderr)


def installed(distribution):
    """What an editable installation leaves: the entry points, and the folder on the path."""
    about = tomllib.loads((distribution / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = about["entry-points"].items()
    site = Path("installed")
    site.mkdir()
    names = {group.removeprefix("tokgen."): named for group, named in points}
    Node(site).install(about["name"], {}, names)
    folders = [site.resolve(), distribution.resolve(), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    return Done(0, "", "")


def comparable(text):
    """Lines without what differs from run to run: seconds, and how wide they make a column."""
    lines = [SECONDS.sub("… s", " ".join(line.split())) for line in text.splitlines()]
    return [line for line in lines if line]
