"""docs/server.md: what it shows is what the server answers."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from running import tokgen

PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
CONSOLES = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
SHOWN = [
    block.split("\n", 1)
    for console in CONSOLES
    for block in re.split(r"^\$ ", console, flags=re.M)[1:]
]


def rounded(value):
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list):
        return [rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items() if key not in passing(value)}
    return value


def passing(value):
    """What differs from answer to answer."""
    return {"created"} | ({"id"} if str(value.get("id")).startswith("cmpl-") else set())


def answered(ask, command):
    """What a command of the page prints."""
    if command.startswith("tokgen "):
        return tokgen(*shlex.split(command)[1:]).out
    curl, silent, address, *data = shlex.split(command)
    assert (curl, silent) == ("curl", "-s")
    path = address.removeprefix("localhost:8008")
    if data:
        assert data[0] == "-d"
        return ask.client.post(path, content=data[1]).json()
    return ask.client.get(path).json()


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_the_page_shows_is_answered(command, shown, ask):
    answer = answered(ask, command)
    if isinstance(answer, str):
        assert shown.split() == answer.split()
    else:
        assert json.loads(shown) == rounded(answer)


def test_every_path_stands_on_the_page(ask):
    paths = ask.client.get("/openapi.json").json()["paths"]
    for path in paths:
        assert path.replace("/{name}", "") in PAGE
