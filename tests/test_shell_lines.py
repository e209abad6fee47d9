"""What the pages tell to type, and no test runs: all that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shell_lines

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = [
    pytest.param(body, id=f"{page.name}-{body.splitlines()[0]}")
    for page in PAGES
    for language, body in FENCE.findall(page.read_text(encoding="utf-8"))
    if language in ("", "sh")
]


@pytest.mark.parametrize("block", BLOCKS)
def test_all_that_is_named_is_there(block):
    shell_lines.check(block)


@pytest.mark.parametrize(
    "line",
    ["tokgen train --stepz 3", "nox -s lintt", 'python -m pip install ".[sreve]"', "tokgne next"],
)
def test_what_is_not_there_is_found(line):
    with pytest.raises(AssertionError):
        shell_lines.check(line)
