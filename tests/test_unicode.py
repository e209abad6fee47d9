"""The one normal form, and which alphabets keep it whatever stands side by side."""

from __future__ import annotations

import itertools
import sys
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from tokgen.unicode import _can_change_what_stands_before, all_texts_are_nfc, nfc

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
