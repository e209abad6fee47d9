"""Symbols that nobody sees can be written, and no two are shown alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.text_model.symbols import symbol_meant
from tokgen.unicode import inert, shown_symbol


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("␣", " "),
        ("⇥", "\t"),
        ("\\t", "\t"),
        ("⏎", "\n"),
        ("\\n", "\n"),
        ("\\x1b", "\x1b"),
        ("e\u0301", "\u00e9"),
        ("\\", "\\"),
        ("a", "a"),
        ("b", "b"),
    ],
)
def test_what_is_written_is_found(written, meant):
    assert symbol_meant(written, [" ", "\t", "\n", "\x1b", "\u00e9", "\\", "a"]) == meant


def test_what_a_table_shows_means_what_it_shows_there():
    symbols = [" ", "␣", "\\t", "\t", "-", "⟨end⟩", "<0x0A>"]
    assert [symbol_meant(shown_symbol(each), symbols) for each in symbols] == symbols
    assert symbol_meant(" ", symbols) == " "


@given(st.sets(st.characters(codec="utf-8"), max_size=30) | st.just(set("␣⇥⏎ \t\n\r\\")))
def test_characters_are_shown_apart_in_one_line_and_nothing_of_them_acts(symbols):
    shown = [*map(shown_symbol, symbols)]
    assert len(set(shown)) == len(symbols)
    together = "".join(shown)
    assert inert(together) == together
    assert not set(together) & set(" \t\n")
