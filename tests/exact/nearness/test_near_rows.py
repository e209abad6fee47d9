"""Whether a row is near, by index and by comparison, against every row one by one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from levenshtein import is_far, levenshtein

from tokgen.corpus.opening import open_corpus
from tokgen.exact.nearness.deletion_index import DeletionIndex, neighbourhood_size
from tokgen.exact.nearness.far_automaton import far_from
from tokgen.exact.nearness.near_rows import BYTES_AN_ENTRY, NearRows

ENOUGH, NOTHING = 1 << 30, 0
words = st.text("abé🙂", max_size=7)
sentences = st.text("ab ", min_size=60, max_size=80)


@settings(deadline=None)
@given(st.lists(st.one_of(words, sentences)), st.one_of(words, sentences), st.integers(1, 4))
def test_near_is_what_a_row_is_within_the_distance_of(rows, text, distance):
    expected = not is_far(text, rows, distance)
    for memory in (ENOUGH, 40 * BYTES_AN_ENTRY, NOTHING):
        assert NearRows(rows, distance, memory).is_near(text) == expected


@settings(deadline=None)
@given(st.lists(sentences, min_size=1, max_size=4), st.integers(1, 4), st.randoms())
def test_a_row_with_some_edits_is_near_and_with_more_mostly_not(rows, distance, chance):
    text = list(chance.choice(rows))
    for _ in range(distance + chance.randrange(2)):
        place = chance.randrange(len(text))
        text[place : place + chance.randrange(2)] = chance.choice(["", "a", "b", "c"])
    near = any(levenshtein("".join(text), row) <= distance for row in rows)
    for memory in (ENOUGH, NOTHING):
        assert NearRows(rows, distance, memory).is_near("".join(text)) == near


@pytest.fixture(scope="module")
def names():
    return sorted(set(open_corpus("indian-names").documents))


@pytest.mark.parametrize("distance", [1, 2, 3])
def test_names_beside_those_of_the_corpus(names, distance):
    """Twelve texts: names with letters changed, and parts of two names together."""
    chance = random.Random(distance)
    near = NearRows(names, distance, ENOUGH)
    for _ in range(12):
        first, second = chance.sample(names, 2)
        text = first[: chance.randrange(len(first) + 1)] + second[chance.randrange(len(second)) :]
        alike = [row for row in names if abs(len(row) - len(text)) <= distance]
        assert near.is_near(text) == (not is_far(text, alike, distance))


def test_the_index_has_an_entry_for_each_way_to_take_letters_out(names):
    by_length = {len(name): [] for name in sorted(names, key=len)}
    for name in names:
        by_length[len(name)].append(name)
    index = DeletionIndex([*by_length.values()], 2)
    assert len(index) == sum(neighbourhood_size(len(name), 2) for name in names)
    assert len(index) < 500_000


def test_what_is_indexed_keeps_to_the_memory(names):
    """The shortest names first; those that no longer fit are compared, with the same answer."""
    memory = 20_000 * BYTES_AN_ENTRY
    part, all_indexed = NearRows(names, 2, memory), NearRows(names, 2, ENOUGH)
    assert 0 < part.indexed_to < all_indexed.indexed_to
    indexed = [name for name in names if len(name) <= part.indexed_to]
    assert sum(neighbourhood_size(len(name), 2) for name in indexed) <= 20_000
    for text in names[::400]:
        for changed in (text[1:], text + "xx", "q" + text[2:] + "q"):
            assert part.is_near(changed) == all_indexed.is_near(changed)


@pytest.mark.parametrize("distance", [7, 100, 10**30])
def test_a_distance_that_is_greater_than_texts_are_long(distance):
    rows, texts = ["kamal", "k" * 80], ["", "mira", "x" * 70, "x" * 200]
    near = NearRows(rows, distance, ENOUGH)
    assert far_from(rows, distance) is None
    for text in texts:
        assert near.is_near(text) == (not is_far(text, rows, distance))


def test_rows_of_the_greatest_length_are_not_indexed():
    line = "gattaca" * 9362
    near = NearRows([line, "gattaca"], 2, ENOUGH)
    assert near.indexed_to == len("gattaca")
    assert near.is_near("gatta")
    assert not near.is_near(line[:4096])
    assert NearRows([line[:9000]], 2, ENOUGH).is_near(line[:5000] + line[5002:9000])
