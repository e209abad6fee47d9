"""The pages for authors of plugins: their files work as they stand, and print what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_walk import Command, comparable, steps_of, walk

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("plugins/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_works_from_top_to_bottom(page, tmp_path, monkeypatch, update_goldens):
    monkeypatch.chdir(tmp_path)
    for command, printed in walk(page, tmp_path):
        if update_goldens:
            put_into(page, command, printed)
        else:
            assert comparable(printed) == comparable(command.shown), command.typed


@pytest.mark.parametrize("page", [each for each in PAGES if each.stem != "index"])
def test_a_page_of_a_kind_begins_with_one_file_and_ends_with_what_to_do(page):
    text = page.read_text(encoding="utf-8")
    assert len([step for step in steps_of(text) if isinstance(step, Command)]) >= 2
    assert text.count("\n## What to do when it breaks\n") == 1


def put_into(page, command, printed):
    """What the command prints now stands where the page showed something else."""
    head = f"```console\n$ {command.typed}\n"
    text = page.read_text(encoding="utf-8")
    lines = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    assert head + command.shown + "```" in text
    page.write_text(text.replace(head + command.shown, head + lines), encoding="utf-8")
