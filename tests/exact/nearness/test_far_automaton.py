"""The automaton of texts that are far from every row, against every row one by one."""

from __future__ import annotations

from allowed_texts import allows_text
from hypothesis import given
from hypothesis import strategies as st
from levenshtein import is_far

from tokgen.corpus.opening import open_corpus
from tokgen.exact.nearness.far_automaton import MOST_STATES, far_from

words = st.text("abé", max_size=6)


@given(st.lists(words, max_size=6), st.lists(words, min_size=1), st.integers(1, 2))
def test_it_allows_what_is_far_from_every_row(rows, texts, distance):
    allowed = far_from(rows, distance)
    if allowed is not None:
        for text in [*texts, *rows, *(row[1:] + "x" for row in rows)]:
            assert allows_text(allowed, text) == is_far(text, rows, distance)


def test_few_names_fit_and_many_are_given_up():
    names = sorted(set(open_corpus("indian-names").documents))
    allowed = far_from(names[::60], 1)
    assert len(names) // 10 < len(allowed) <= MOST_STATES
    assert far_from(names, 1) is None
    assert far_from(names[::60], 2) is None


def test_rows_of_one_letter_are_told_apart_whatever_their_number():
    assert allows_text(far_from(["a" * length for length in range(9)], 1), "a" * 10)
    assert not allows_text(far_from(["a" * length for length in range(9)], 1), "a" * 9)
