"""Patterns as they are written, against Python's regular expressions and sentence by sentence."""

from __future__ import annotations

import re

import pytest
from allowed_texts import allows_text
from hypothesis import given, settings
from hypothesis import strategies as st

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import ANY_CHARACTER, CharacterSet
from tokgen.exact.conditions import Conditions
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.patterns import LARGEST_CLASS, matches, parse_pattern

CHARACTERS = "ab?*[]^-\\é"
member = st.sampled_from(CHARACTERS)


def escaped(character):
    return f"\\{character}"


def class_of(members, all_but):
    inside = "".join(map(escaped, members))
    return f"[{'^' if all_but else ''}{inside}]", (
        f"[{'^' if all_but else ''}{''.join(map(re.escape, members))}]"
    )


# Each part as tokgen writes it, and as a regular expression.
parts = st.one_of(
    st.just(("?", ".")),
    st.just(("*", ".*")),
    st.just(("[a-c]", "[a-c]")),
    st.just(("[^a-]", "[^a\\-]")),
    member.map(lambda character: (escaped(character), re.escape(character))),
    st.sampled_from("abé").map(lambda character: (character, character)),
    st.builds(class_of, st.lists(member, min_size=1, max_size=3), st.booleans()),
)


@settings(max_examples=500)
@given(st.lists(parts, max_size=5), st.lists(st.text(CHARACTERS + "c", max_size=6), max_size=12))
def test_a_pattern_matches_as_its_regular_expression(written, texts):
    parsed = parse_pattern("".join(pattern for pattern, _ in written))
    expression = "".join(expression for _, expression in written)
    automaton = of_pattern(parsed)
    for text in texts:
        expected = re.fullmatch(expression, text, re.DOTALL) is not None
        assert matches(parsed, text) == expected
        assert allows_text(automaton, text) == expected


def one_of(characters, all_but=False):
    return CharacterSet(frozenset(characters), all_but)


@pytest.mark.parametrize(
    ("pattern", "parsed"),
    [
        ("", []),
        ("?*a", [ANY_CHARACTER, None, one_of("a")]),
        ("[aeiou]", [one_of("aeiou")]),
        ("[^qx]", [one_of("qx", all_but=True)]),
        ("[b-eq]", [one_of("bcdeq")]),
        ("[-a]", [one_of("-a")]),
        ("[a-]", [one_of("a-")]),
        ("[a^]", [one_of("a^")]),
        ("[?*]", [one_of("?*")]),
        (r"[\]\-\\]", [one_of("]-\\")]),
        (r"\?\*\[\\", [one_of("?"), one_of("*"), one_of("["), one_of("\\")]),
        ("]-^", [one_of("]"), one_of("-"), one_of("^")]),
    ],
)
def test_what_is_written_and_what_it_means(pattern, parsed):
    assert parse_pattern(pattern) == parsed


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("ab[cd", r"The pattern 'ab[cd', character 3: the class [ is not closed; \[ is the "),
        ("[]", r"character 1: the class is empty; \[ and \] are the brackets themselves."),
        ("[^]", "character 1: the class is empty"),
        ("[z-a]", "character 4: the range z-a goes backwards."),
        ("a\\", r"character 2: nothing follows the backslash; \\ is one itself."),
        ("[a-\U0010ffff]", f"has over {LARGEST_CLASS:,} characters."),
        ("[a-\\", "nothing follows the backslash"),
        ("[a-", "is not closed"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(pattern, said):
    with pytest.raises(RequestError) as refused:
        Conditions(pattern=pattern)
    assert said in str(refused.value)


def test_a_letter_of_two_code_points_is_one_in_a_class():
    assert Conditions(pattern="[e\u0301]").pattern_parts == [one_of("\u00e9")]


@pytest.mark.parametrize("pattern", ["?" * 10_000, "ab" * 5_000, "*a?" * 3_000, "*" * 10_000])
def test_long_patterns_are_followed(pattern):
    automaton = of_pattern(parse_pattern(pattern))
    assert len(automaton) <= len(pattern) + 2
    assert allows_text(automaton, pattern.replace("?", "b").replace("*", ""))


def test_equal_classes_are_one_and_all_together_are_bounded():
    first, second = parse_pattern("[一-鿿]" * 2)
    assert first is second
    with pytest.raises(RequestError, match="the classes have over 262,144 characters together"):
        parse_pattern("".join(f"[\u4e00-{chr(0xCE00 + number)}]" for number in range(9)))
