"""What a terminal shows of a prefix whose tokens are longer than characters."""

from __future__ import annotations

import io

from overlapping import Overlapping, session_of, table_model, text_model
from rich.console import Console
from samplers import CHAINS

from tokgen.cli.views.borders import shown_row
from tokgen.cli.views.events import show_event


def shown(*lines):
    """The lines printed for the last line typed."""
    model = text_model(table_model(Overlapping(), 5), Overlapping())
    session = session_of(model, CHAINS["none"])
    console = Console(width=80, record=True, file=io.StringIO())
    for line in lines:
        console.export_text()
        for event in session.handle(line):
            show_event(console, event)
    return console.export_text().splitlines()


def test_the_borders_of_tokens_and_what_is_still_to_be_spelt_are_seen():
    head, open_still, *_ = shown("lash", ":force la")[1:]
    assert head.startswith("  la▏sh   the model sees -·la   ")
    assert open_still == "  'sh' is still to be spelt, beginning with sh, s"
    head, below, *_ = shown("lash", ":force la", ":force s", ":force h")[1:]
    assert head.startswith("  la·s·h▏   the model sees s·h   ")
    assert below == ""


def test_a_comparison_says_it_too():
    assert shown("lash", ":temp 0.5 2")[1] == (
        "  'lash' is still to be spelt, beginning with la, l"
    )


def test_a_token_that_is_not_drawn_from_shows_as_impossible():
    rows = [line.split() for line in shown("lash", ":force la")[5:]]
    assert rows[0][1:4] == ["sh", "95.0", "%"]
    assert rows[2][:2] == ["a", "·"]


def test_tokens_in_a_row_have_borders_if_one_can_be_longer_than_a_character():
    assert shown_row(("a", "sh"), ("a", "sh")) == "a·sh"
    assert shown_row(("s", "h"), ("s", "h", "sh")) == "s·h"
    assert shown_row(("s", " "), ("s", " ")) == "s␣"
