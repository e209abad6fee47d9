"""docs/python.md runs from top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import tokgen

PAGE = (Path(__file__).parents[1] / "docs" / "python.md").read_text(encoding="utf-8")


def test_every_public_name_stands_on_the_page():
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {name for name in tokgen.__all__ if not name.startswith("_")} <= named


def test_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    said = capsys.readouterr().out
    assert said.endswith("generate() has no argument 'temprature'. Did you mean 'temperature'?\n")
    assert len(re.findall(r"^sha\w* -> .* nats$", said, flags=re.MULTILINE)) >= 1
