"""Vocabulary: what begins a row, and columns."""

from __future__ import annotations

import pytest
from small_plugins import Started

from tokgen.plugin_api.vocabulary import Vocabulary


def test_the_vocabulary_says_what_begins_a_row():
    started = Started("ab").vocabulary
    assert (started.beginning, started.id_before_first) == ((1,), 1)
    without = Vocabulary(("a", "-"), 1)
    assert (without.beginning, without.id_before_first) == ((), 1)
    assert started.id_of("b") == 3


def test_columns_are_a_vocabulary_of_their_own():
    plain = Started("ab").vocabulary
    told = plain.with_columns({"colour": ["red", "white"]})
    assert told.columns == {"colour": ("red", "white")}
    assert told != plain
    assert told.with_columns({}) == plain
    assert told == plain.with_columns({"colour": ("red", "white")})
    assert told.nothing_given == (0,)
    assert hash(told) == hash(plain)
    with pytest.raises(TypeError):
        told.columns["kind"] = ("x",)
