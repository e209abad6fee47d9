"""Edit distance to all documents at once, against the textbook's table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from levenshtein import levenshtein

from tokgen.text_model.nearest import Neighbourhood

words = st.text("abc ", max_size=6)


@given(words, st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=8))
def test_nearest_is_the_first_of_the_nearest(text, documents):
    found = Neighbourhood(documents).nearest(text)
    distances = [levenshtein(text, each) for each in documents]
    assert found.distance == min(distances)
    assert found.text == documents[distances.index(found.distance)]
