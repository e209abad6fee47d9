"""Names of a new plugin: which are refused, and what follows from those that are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.errors import RequestError
from tokgen.scaffold.names import Names, parse_names

# Of a project's name, as the packaging standard has it (pypa's "Names and normalization").
PROJECT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VALID = st.from_regex(r"[a-z][a-z0-9]{0,5}([-_][a-z0-9]{1,5}){0,4}", fullmatch=True)


@given(VALID)
def test_all_names_that_follow_are_valid(text):
    try:
        names = parse_names(text)
    except RequestError as refused:
        assert "is a word of Python" in str(refused)
        return
    assert names.plugin == text
    assert PROJECT.fullmatch(names.distribution)
    for identifier in (names.module, names.package, names.class_name):
        assert identifier.isidentifier()


def test_names_by_hand():
    names = parse_names("char-rnn_2")
    assert (names.module, names.package) == ("char_rnn_2", "tokgen_char_rnn_2")
    assert (names.distribution, names.class_name) == ("tokgen-char-rnn-2", "CharRnn2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with a letter"),
        ("2d", "begins with a letter"),
        ("Char RNN", "Did you mean 'char-rnn'?"),
        ("CharModel", "Did you mean 'char-model'?"),
        ("a--b", "Did you mean 'a-b'?"),
        ("gré", "small letters a-z"),
        ("../up", "Did you mean 'up'?"),
        ("a\n", "Did you mean 'a'?"),
        ("tokgen-rnn", "Did you mean 'rnn'?"),
        ("none", "None is a word of Python"),
        ("a" * 41, "41 characters; it may have at most 40"),
    ],
)
def test_a_name_is_refused_in_a_sentence(text, said):
    with pytest.raises(RequestError, match=re.escape(said)):
        parse_names(text)


def test_only_whole_words_give_way():
    source = "char-rnn char_rnn CharRnn char-rnns CharRnnX my-char-rnn _char_rnn"
    assert Names("soften").in_place_of(Names("char-rnn"), source) == (
        "soften soften Soften char-rnns CharRnnX my-char-rnn _char_rnn"
    )
