"""Conditions as they are typed, what they mean, and the sentences about those that cannot be."""

from __future__ import annotations

import re

import pytest
from enumeration import allows
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import OVERLAPPING, SPLIT_BYTES, WITHOUT_PIECES, PieceTokenizer
from tokgen_tokenizers.alphabet import Alphabet
from tokgen_tokenizers.characters import Characters

from tokgen.errors import RequestError
from tokgen.exact.condition_syntax import parse_conditions
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import automaton_of
from tokgen.exact.patterns import matches, parse_pattern


def matches_letter_by_letter(pattern, text):
    """By the definition: `*` matches nothing, or a character and then once more."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        return matches_letter_by_letter(rest, text) or bool(
            text and matches_letter_by_letter(pattern, text[1:])
        )
    return bool(text and first in ("?", text[0]) and matches_letter_by_letter(rest, text[1:]))


@settings(max_examples=500)
@given(st.text("ab?*.\n", max_size=7), st.text("ab.\n", max_size=7))
def test_a_pattern_matches_by_its_definition(pattern, text):
    assert matches(parse_pattern(pattern), text) == matches_letter_by_letter(pattern, text)


def test_many_stars_take_no_time():
    assert not matches(parse_pattern("*a" * 40), "b" * 4000 + "a" * 39)


@pytest.mark.parametrize(
    ("conditions", "met", "unmet"),
    [
        (Conditions(lengths=(2, 3)), ["ab", "éa🙂"], ["", "a", "abab"]),
        (Conditions(lengths=(2, None)), ["ab", "ababab"], ["a"]),
        (Conditions(pattern="?a*"), ["ba", "🙂a", "bax"], ["a", "ab", "bxa"]),
        (Conditions(suffix="sh"), ["sh", "ramesh"], ["shr", "s"]),
        (Conditions(contains="la"), ["la", "kamla", "lala"], ["al", ""]),
        (Conditions(pattern="[aé]*[^b]"), ["ac", "éé"], ["a", "ab", "bc"]),
        (Conditions(exclude="qé"), ["", "ab"], ["q", "aé", "\ufffd"]),
        (Conditions(novel=True), ["new", ""], ["known"]),
        (Conditions(suffix="n", novel=True), ["newn"], ["known", "new"]),
        (Conditions(), ["", "known", "\ufffd"], []),
        (Conditions(contains=""), ["", "a"], ["\ufffd", "a\ufffd"]),
    ],
)
def test_what_conditions_mean(conditions, met, unmet):
    assert all(conditions.met_by(text, {"known"}) for text in met)
    assert not any(conditions.met_by(text, {"known"}) for text in unmet)


def test_texts_come_into_the_normal_form():
    apart = Conditions(None, "e\u0301?", "e\u0301", "e\u0301", "o\u0308")
    assert apart == Conditions(None, "\u00e9?", "\u00e9", "\u00e9", "\u00f6")
    typed = parse_conditions(["pattern=e\u0301*", "length=2..3"])
    assert typed == Conditions((2, 3), "\u00e9*")
    assert apart.met_by("\u00e9\u00e9", ())


def test_a_length_counts_characters_under_every_tokenizer():
    for tokenizer, texts in [(OVERLAPPING, ["esh", "las"]), (SPLIT_BYTES, ["éa€", "🙂🙂a"])]:
        automaton = automaton_of(Conditions(lengths=(3, 3)), tokenizer, list)
        assert all(allows(automaton, tokenizer.encode(text)) for text in texts)
        assert not allows(automaton, tokenizer.encode(texts[0][:2]))


def test_all_spellings_of_a_text_are_one_to_a_condition():
    spellings = [(1, 4, 2), (1, 5), (6,)]
    for conditions in (Conditions(pattern="?sh"), Conditions(suffix="sh"), Conditions((3, 3))):
        automaton = automaton_of(conditions, OVERLAPPING, list)
        assert all(allows(automaton, tokens) for tokens in spellings)
    novel = automaton_of(Conditions(novel=True), OVERLAPPING, lambda: ["esh"])
    assert not any(allows(novel, tokens) for tokens in spellings)


def test_what_stands_before_counts_too():
    automaton = automaton_of(Conditions(pattern="laesh"), OVERLAPPING, list, prefix=(3, 0))
    assert allows(automaton, (6,))
    assert not allows(automaton, (7, 6))
    impossible = automaton_of(Conditions(pattern="laesh"), OVERLAPPING, list, prefix=(0,))
    assert not allows(impossible, (3, 0, 6))


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (Conditions(pattern="a?B"), r"Character 'B' at position 1 .* Did you mean 'b'\?$"),
        (
            Conditions(pattern="a.*a"),
            r"'\.' .* In a pattern \? is any one character, \* any",
        ),
        (Conditions(suffix="aé"), r"Character 'é' at position 2 of 'aé' is not one of a-z\.$"),
        (Conditions(suffix="."), r"Character '\.' at position 1 of '\.' is not one of a-z\.$"),
        (Conditions(contains="a-"), "The terminator ends a document by itself"),
        (Conditions(contains="\ud800"), r"Character '\\ud800'"),
    ],
)
def test_a_character_that_no_token_spells_is_named(conditions, said):
    with pytest.raises(RequestError, match=said):
        automaton_of(conditions, Characters(), list)


def test_a_character_that_only_some_other_token_holds_is_no_error():
    """The tokenizer has no token x, and so cannot encode x, but xy can be drawn."""
    tokenizer = PieceTokenizer([b"a", b"xy"])
    assert allows(automaton_of(Conditions(pattern="*x?"), tokenizer, list), (0, 1))


def test_without_pieces_there_is_no_automaton():
    for tokenizer in (WITHOUT_PIECES, Alphabet("e\u0301\u00e9")):
        with pytest.raises(RequestError, match="Conditions cannot be kept with this tokenizer"):
            automaton_of(Conditions(suffix="a"), tokenizer, list)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("5-8", "not '5-8'. Did you mean 5..8?"), ("x", "not 'x'."), ("9" * 5000, "not '999")],
)
def test_a_length_that_cannot_be_read(typed, said):
    with pytest.raises(RequestError) as refused:
        parse_conditions([f"length={typed}"])
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "longest"),
    [("pattern", "*[ab]" * 4096), ("suffix", "a" * 4096), ("contains", "?" * 4096)],
)
def test_a_text_is_at_most_as_long_as_a_length_may_be(name, longest):
    assert getattr(Conditions(**{name: longest}), name) == longest
    with pytest.raises(RequestError, match=f"{name} asks for documents of 4,097 characters"):
        Conditions(**{name: longest + "b"})


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ((5, 2), "No length is at least 5 and at most 2."),
        ((-1, 2), "lengths is a pair of numbers from 0 on, as (4, 6)"),
        ("4..6", "(4, None) without an upper bound, not '4..6'."),
        ((4,), "not (4,)."),
        ((1.5, None), "not (1.5, None)."),
    ],
)
def test_lengths_that_no_text_can_have_are_refused(lengths, said):
    with pytest.raises(RequestError, match=re.escape(said)):
        Conditions(lengths=lengths)
