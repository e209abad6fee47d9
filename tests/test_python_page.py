"""docs/python.md runs from top to bottom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tokgen

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_public_name_stands_on_the_page():
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {name for name in tokgen.__all__ if not name.startswith("_")} <= named


def used(nodes):
    """The attributes that code asks for, each with the name that it is asked of."""
    return {
        (node.value.id if isinstance(node.value, ast.Name) else "", node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute)
    }


def test_every_public_name_and_method_has_an_example_that_runs():
    found = used(node for block in BLOCKS for node in ast.walk(ast.parse(block)))
    assert {name for of, name in found if of == "tokgen"} >= set(tokgen.__all__)
    methods = {name for name in vars(tokgen.TextModel) if not name.startswith("_")}
    assert {"generate", "next", "classify"} <= methods
    assert methods <= {name for of, name in found if of != "tokgen"}


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(compile(block, "docs/python.md", "exec"), names)
    said = capsys.readouterr().out
    assert "\ngenerate() has no argument 'temprature'. Did you mean 'temperature'?\n" in said
    assert said.splitlines()[-1].startswith("The sampler 'Broken'")
    assert len(re.findall(r"^sha\w* -> .* nats$", said, flags=re.MULTILINE)) >= 1
