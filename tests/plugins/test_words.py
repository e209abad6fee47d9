"""The tokenizer words: frequent words are tokens, all others are spelt."""

from __future__ import annotations

import pytest
from fitted_tokenizers import fitted
from hypothesis import given
from hypothesis import strategies as st
from tokgen_tokenizers.words import Words

from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import nfc

texts = st.text(st.sampled_from("ab é-\t\u0301\u200dन\u093c."), max_size=12)
SENTENCES = ["the cat", "the cat sat", "a dog", "on the mat."]


def shown(tokenizer, text):
    return [tokenizer.symbols[token] for token in tokenizer.encode(text)]


@given(st.lists(texts, min_size=1, max_size=8), st.integers(1, 3))
def test_encoding_and_back_is_normalisation(corpus, least):
    normal = [*map(nfc, corpus)]
    tokenizer = fitted(Words, normal, min_count=least)
    for text in corpus:
        assert tokenizer.decode(tokenizer.encode(text)) == nfc(text)
    again = Words.from_json(tokenizer.to_json())
    assert again.vocabulary == tokenizer.vocabulary
    assert [*map(again.encode, normal)] == [*map(tokenizer.encode, normal)]


def test_a_word_is_a_token_in_the_forms_in_which_it_was_seen_if_it_is_frequent():
    tokenizer = fitted(Words, SENTENCES)
    assert [each for each in tokenizer.symbols if len(each) > 1] == [" cat", " the", "the"]
    once = fitted(Words, SENTENCES, min_count=1)
    assert {"dog", " dog", "a", " mat"} & {*once.symbols} == {" dog", "a", " mat"}


def test_words_and_spaces_and_what_is_unknown():
    tokenizer = fitted(Words, SENTENCES)
    assert shown(tokenizer, "the cat") == ["the", " cat"]
    assert shown(tokenizer, "cat the") == ["c", "a", "t", " the"]
    assert shown(tokenizer, "the  cats.") == ["the", " ", " ", "c", "a", "t", "s", "."]
    assert shown(tokenizer, " the ") == [" the", " "]
    # A form that was not seen is a space and the word that was.
    assert shown(fitted(Words, ["on", "on", "a a"]), "a on") == ["a", " ", "on"]


def test_a_list_of_different_words_leaves_characters():
    assert fitted(Words, ["asha", "ravi", "usha"]).symbols == (*"ahirsuv", "-")


def test_marks_belong_to_words():
    assert "हिन्दी" in fitted(Words, ["हिन्दी", "हिन्दी"]).symbols


def test_only_the_last_word_of_a_prefix_is_open():
    tokenizer = fitted(Words, SENTENCES)
    for text, certain, rest in [
        ("the cat", "the", " cat"),
        ("the ", "the", " "),
        ("the mat.", "the mat.", ""),
        ("th", "", "th"),
        ("", "", ""),
    ]:
        prefix = tokenizer.encode_prefix(text)
        assert prefix == (tuple(tokenizer.encode(certain)), rest.encode())


def test_an_unknown_character_is_named():
    with pytest.raises(RequestError, match=r"'T' at position 1 of 'The'.*Did you mean 't'"):
        fitted(Words, SENTENCES).encode("The")
    with pytest.raises(RequestError, match="Document 2: Character 'x' at position 3"):
        fitted(Words, SENTENCES).encode_documents(Documents.of(["a", "a x"]))


@pytest.mark.parametrize(
    "change",
    [
        {"characters": 1},
        {"characters": "aa"},
        {"letters": "z"},
        {"words": "ab"},
        {"words": ["ax"]},
        {"words": ["ab", "ab"]},
        {"words": ["a"]},
    ],
)
def test_a_damaged_state_is_refused(change):
    with pytest.raises(ValueError, match=r"words|characters"):
        Words.from_json({"characters": "ab", "letters": "ab", "words": ["ab"]} | change)
