"""Edit distance to all documents at once, against the textbook recursion."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from tokgen.text_model.nearest import Neighbourhood

words = st.text("abc ", max_size=6)


@cache
def distance(first, second):
    if not first or not second:
        return len(first) + len(second)
    return min(
        distance(first[:-1], second) + 1,
        distance(first, second[:-1]) + 1,
        distance(first[:-1], second[:-1]) + (first[-1] != second[-1]),
    )


@given(words, st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=8))
def test_nearest_is_the_first_of_the_nearest(text, documents):
    found = Neighbourhood(documents).nearest(text)
    distances = [distance(text, each) for each in documents]
    assert found.distance == min(distances)
    assert found.text == documents[distances.index(found.distance)]
