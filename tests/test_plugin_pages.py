"""The pages for authors of plugins: their files work as they stand, and print what is shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from page_walk import Command, comparable, steps_of, walk

DOCS = Path(__file__).parents[1] / "docs"
CONTRACTS, TASKS = sorted(DOCS.glob("plugins/*.md")), sorted(DOCS.glob("howto/*.md"))
PAGES = [*CONTRACTS, *TASKS]
LONGEST = "recurrent"
WALKS = [
    pytest.param(
        page,
        id=f"{page.parent.name}-{page.stem}",
        marks=pytest.mark.slow if page.stem == LONGEST else (),
    )
    for page in PAGES
]


@pytest.mark.parametrize("page", WALKS)
def test_a_page_works_from_top_to_bottom(page, tmp_path, monkeypatch, update_goldens):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    for command, printed in walk(page, tmp_path):
        if update_goldens:
            put_into(page, command, printed)
        else:
            assert comparable(printed) == comparable(command.shown), command.typed


@pytest.mark.parametrize("page", [each for each in CONTRACTS if each.stem != "index"])
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


@pytest.mark.parametrize("page", TASKS, ids=[page.stem for page in TASKS])
def test_a_how_to_shows_the_check_and_what_goes_wrong(page):
    text = page.read_text(encoding="utf-8")
    typed = [step.typed for step in steps_of(text) if isinstance(step, Command)]
    assert any(re.match(r"tokgen (plugins|corpora) check", each) for each in typed)
    assert text.count("\n## What goes wrong\n") == 1
    assert f"](../plugins/{'torch-model' if page.stem == 'recurrent' else page.stem}.md)" in text
