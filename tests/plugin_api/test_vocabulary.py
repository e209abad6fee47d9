"""Vocabulary: what begins a row, and columns."""

from __future__ import annotations

import pytest
from small_plugins import Started

from tokgen.errors import RequestError
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


def test_an_id_is_found_by_what_a_user_wrote_for_its_symbol():
    known = Vocabulary((" ", "\t", "\\t", "\u00e9", "⇥", "-"), 5)
    assert [known.id_of(symbol) for symbol in known.symbols] == list(range(6))
    assert [known.id_of(written) for written in ("␣", "e\u0301", "\\u21e5")] == [0, 3, 4]
    assert Vocabulary(("\t", "\n", "-"), 2).id_of("⇥") == 0
    assert Vocabulary(("\t", "\n", "-"), 2).id_of("\\n") == 1
    with pytest.raises(RequestError, match=r"There is no token 'z'\. There are: -, ⇥, ⏎\."):
        Vocabulary(("\t", "\n", "-"), 2).id_of("z")
