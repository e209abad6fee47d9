"""The one normal form, which alphabets keep it, and text that cannot act in a terminal."""

from __future__ import annotations

import itertools
import json
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokgen.unicode import (
    _can_change_what_stands_before,
    all_texts_are_nfc,
    inert,
    inert_json,
    nfc,
    on_one_line,
    shown_symbol,
    shown_symbols,
)

# What composes, what is kept from composing, what changes places, and what does nothing.
CURIOUS = "aeoAsx\u0301\u0308\u0323\u0327\u0345\u00e9\u1eb9\u0928\u0929\u093c\u094d\u09c7\u09be"
CURIOUS += "\u1100\u1161\u11a8\uac00\uac01\u1112\u212b\u00c5\u0338=\u2260\u05d0\u05b0\u05bc日"
curious = st.sampled_from(CURIOUS)
anything = st.characters(exclude_categories=("Cs",))
alphabets = st.lists(st.one_of(curious, anything), max_size=5, unique=True).map("".join)


@settings(max_examples=400)
@given(alphabets)
def test_an_alphabet_keeps_the_normal_form_if_all_its_short_texts_do(characters):
    texts = (
        "".join(text)
        for length in range(4)
        for text in itertools.product(characters, repeat=length)
    )
    assert all_texts_are_nfc(characters) == all(nfc(text) == text for text in texts)


@given(alphabets.filter(all_texts_are_nfc), st.data())
def test_an_alphabet_that_keeps_it_keeps_it_in_long_texts(characters, data):
    text = data.draw(st.text(characters, max_size=30)) if characters else ""
    assert nfc(text) == text


def test_no_second_character_of_a_composition_is_forgotten():
    for point in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            assert _can_change_what_stands_before(chr(int(parts[1], 16)))


def test_examples():
    assert nfc("cafe\u0301") == "caf\u00e9"
    assert all_texts_are_nfc("abc é日")
    assert not all_texts_are_nfc("e\u0301")
    assert all_texts_are_nfc("x\u0301")
    assert not all_texts_are_nfc("\u0323\u0301")
    assert not all_texts_are_nfc("\u212b")


CONTROLS = (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
ACTING = [chr(point) for point in (*CONTROLS, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF)]
joined = st.text(st.one_of(st.sampled_from(ACTING), st.characters(exclude_categories=("Cs",))))


@given(joined)
def test_what_is_inert_does_nothing_in_a_terminal_and_lacks_nothing_else(text):
    shown = inert(text)
    assert not set(ACTING) & set(shown)
    assert shown == "".join(repr(each)[1:-1] if each in ACTING else each for each in text)


@pytest.mark.parametrize(
    "text",
    ["می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "soft\u00adhyphen", "\ue000", "a\u200fb"],
)
def test_a_letter_without_a_shape_of_its_own_is_left(text):
    assert inert(text) == inert_json(text) == text


@given(joined)
def test_inert_json_says_the_same(text):
    written = inert_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert not set(ACTING) & set(written)


@given(joined.filter(lambda text: "\\" not in text))
def test_a_text_on_one_line_is_one_line_to_whoever_reads_the_file(text):
    line = on_one_line(text)
    content = (line + "\n").encode("utf-8", "surrogatepass")
    assert len(content.splitlines()) == 1
    assert line.replace("\\n", "\n").replace("\\r", "\r") == text


def test_a_joiner_is_shown_as_its_number_only_where_it_stands_by_itself():
    assert shown_symbol("\u200c") == r"\u200c"
    assert shown_symbol("\u00a0") == r"\xa0"
    assert shown_symbols("می\u200c") == shown_symbol("می\u200c") == "می\u200c"
    assert [shown_symbol(sign) for sign in " \t\n"] == ["␣", "⇥", "⏎"]
