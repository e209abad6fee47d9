"""Bit-parallel edit distances against the textbook's table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from levenshtein import levenshtein

from tokgen.exact.nearness.edit_distance import WORD_BITS, edit_distance, edit_distances

short = st.text("ab🙂", max_size=9)
long = st.text("abc", min_size=55, max_size=150)


@given(st.one_of(short, long), st.one_of(short, long))
def test_the_distance_of_two_texts(first, second):
    assert edit_distance(first, second) == levenshtein(first, second)


def distances_to(text, rows):
    alphabet = "abc"
    places = [sum(1 << p for p, each in enumerate(text) if each == a) for a in alphabet]
    words = range(0, len(text), WORD_BITS)
    masks = [[place >> word & (1 << WORD_BITS) - 1 for place in places] for word in words]
    letters = np.array([[alphabet.index(each) for each in row] for row in rows], np.int32)
    table = letters.reshape(len(rows), -1).T
    return edit_distances(np.array(masks, np.uint64), table, len(text)).tolist()


@given(st.text("abcd", min_size=1, max_size=150), st.data())
def test_the_distances_of_one_text_to_many(text, data):
    length = data.draw(st.integers(0, 150))
    alike = st.text("abc", min_size=length, max_size=length)
    rows = data.draw(st.lists(alike, min_size=1, max_size=4))
    assert distances_to(text, rows) == [levenshtein(text, row) for row in rows]


@pytest.mark.parametrize("length", [1, 63, 64, 65, 127, 128])
def test_a_text_that_just_fills_words(length):
    text = "ab" * 64
    rows = ["ba" * 32, "a" * 64, text[:64]]
    expected = [levenshtein(text[:length], row) for row in rows]
    assert distances_to(text[:length], rows) == expected
