"""Text automata against what the conditions mean, text by text."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from allowed_texts import allows_text
from hypothesis import given, settings
from hypothesis import strategies as st

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import (
    ANY_CHARACTER,
    CharacterSet,
    everything,
    literal,
    none_of,
    of_length,
    one_of,
)
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import text_automaton_of
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.text_automaton import all_of
from tokgen.exact.transitions import NOWHERE

texts = st.text("abé🙂", max_size=7)
known = st.frozensets(texts, max_size=6)
lengths = st.tuples(st.integers(0, 4), st.none() | st.integers(4, 7))
conditions = st.builds(
    Conditions,
    st.none() | lengths,
    st.none() | st.text("ab?*é", max_size=6),
    st.none() | st.text("abé", max_size=3),
    st.none() | st.text("abé", max_size=3),
    st.none() | st.text("abé", max_size=2),
    st.booleans(),
)


@settings(max_examples=500)
@given(conditions, known, st.lists(texts, min_size=10, max_size=10))
def test_an_automaton_allows_what_meets_the_conditions(asked, known, candidates):
    automaton = text_automaton_of(asked, lambda: known)
    for text in [*candidates, *known]:
        assert allows_text(automaton, text) == asked.met_by(text, known)


sets = st.builds(CharacterSet, st.frozensets(st.sampled_from("abc"), max_size=2), st.booleans())


def as_regex(element):
    if element is None:
        return ".*"
    listed = "".join(sorted(element.listed))
    if element.all_but:
        return f"[^{listed}]" if listed else "."
    return f"[{listed}]" if listed else "(?!)"


@settings(max_examples=200)
@given(st.lists(st.none() | sets, max_size=5), st.lists(st.text("abcd", max_size=6), max_size=10))
def test_patterns_of_sets_match_as_regular_expressions_do(elements, candidates):
    automaton = of_pattern(elements)
    regex = re.compile("".join(map(as_regex, elements)))
    for text in candidates:
        assert allows_text(automaton, text) == (regex.fullmatch(text) is not None)


def short_texts(characters, longest):
    for length in range(longest + 1):
        yield from map("".join, itertools.product(characters, repeat=length))


@given(known)
def test_known_texts_are_told_from_all_others(known):
    none, one = none_of(known), one_of(known)
    for text in {*known, *short_texts("abz", 3)}:
        assert allows_text(none, text) == (text not in known)
        assert allows_text(one, text) == (text in known)


@settings(max_examples=200)
@given(conditions, known)
def test_what_is_trimmed_refuses_at_once(asked, known):
    """Each state that is gone to has a text after which the document is allowed."""
    automaton = text_automaton_of(asked, lambda: known)
    hopeful = automaton.accepts.copy()
    for _ in range(len(automaton)):
        hopeful[automaton.keys[hopeful[automaton.targets]] >> 21] = True
        hopeful |= hopeful[automaton.others] & (automaton.others != NOWHERE)
    for successors in (automaton.targets, automaton.others):
        assert hopeful[successors[successors != NOWHERE]].all()


def test_without_some_characters_what_needs_them_is_refused():
    both = all_of([of_pattern([*literal("ab"), None]), of_length(0, 5)])
    only_a = both.within(np.array([ord("a")]), others=True).trimmed()
    assert not allows_text(only_a, "ab")
    assert only_a.others[0] == NOWHERE
    # Where every character there is leads elsewhere, no other one can come.
    novel = none_of(["a", "b"]).within(np.array([ord("a"), ord("b")]), others=False)
    assert novel.others[0] == NOWHERE
    assert allows_text(novel, "ab")
    assert none_of(["a"]).within(np.array([ord("a")]), others=True).others[0] != NOWHERE


def test_the_states_of_a_length_are_its_characters():
    assert len(of_length(3, 7)) == 8
    assert len(everything()) == 1
    assert allows_text(of_length(2, 2), "🙂é")
    assert not allows_text(of_length(2, 2), "🙂")


def test_a_pattern_that_needs_too_many_states_is_refused():
    """Whether one of the last 17 characters is an a takes 2 to the 17 states to remember."""
    elements = [None, *literal("a"), *[ANY_CHARACTER] * 16]
    with pytest.raises(RequestError, match="too long to be followed") as refused:
        of_pattern(elements, memory=64 << 20)
    assert refused.value.field == "memory"
    assert len(of_pattern(elements)) == 1 << 17


def test_conditions_that_tell_too_much_apart_together_are_refused():
    parts = [of_pattern([None, *literal("ab" * 400)]), of_length(0, 1000)]
    with pytest.raises(TooManyStates):
        all_of(parts, memory=8 << 20)
    assert allows_text(all_of(parts, memory=1 << 30), "ab" * 401)


@given(st.text("ab", min_size=1, max_size=60), st.booleans())
def test_a_text_tells_apart_at_most_twice_as_many_letters_as_it_has(text, at_end):
    """Knuth, Morris & Pratt's automaton has no more (Simon 1994)."""
    automaton = of_pattern([None, *literal(text), *([] if at_end else [None])])
    assert len(automaton) == len(text) + 1
    assert len(automaton.keys) <= 2 * len(text)


@given(st.lists(st.text("abé\U00020000", max_size=6), max_size=12))
def test_none_of_refuses_these_texts_and_no_other(texts):
    automaton = none_of(texts)
    beginnings = {text[:end] for text in texts for end in range(len(text) + 1)}
    assert len(automaton) == len(beginnings | {""}) + 1
    assert (np.diff(automaton.keys) > 0).all()
    for text in beginnings | {text + "x" for text in texts} | {"x"}:
        assert allows_text(automaton, text) == (text not in texts)


def test_texts_that_share_a_long_beginning():
    automaton = none_of(["a" * 900 + "b", "a" * 900 + "c", "b"])
    assert len(automaton) == 1 + 900 + 2 + 1 + 1
    assert not allows_text(automaton, "a" * 900 + "c")
    assert allows_text(automaton, "a" * 900)


def test_a_tree_that_would_not_fit_is_refused_and_the_memory_that_would_do_does():
    texts = ["a" * 65_536, "ba"]
    with pytest.raises(TooManyStates, match=r"65,538 letters, .* up to 9 MiB") as refused:
        none_of(texts, memory=8 << 20)
    assert refused.value.field == "memory"
    assert len(none_of(texts, memory=9 << 20)) == 65_536 + 2 + 2
