"""The tokenizer bpe against byte-pair encoding written as plain loops, and against its library."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise

import pytest
import tokenizers
from fitted_tokenizers import fitted
from hypothesis import given, settings
from hypothesis import strategies as st
from tokgen_tokenizers.bpe import BPE

from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import nfc

CORPUS = ["the cat", "the cat sat on the mat", "lash", "esh", "a hat", "that hat", "sesh la"]
words = st.text(st.sampled_from("abc é-"), max_size=12)
corpora = st.lists(words, min_size=1, max_size=12)


def words_of(text):
    return re.findall(" ?[^ ]+| ", text)


def joined(tokens, pair):
    """The tokens of a word, each occurrence of the pair as one, from the left."""
    made, place = [], 0
    while place < len(tokens):
        together = tuple(tokens[place : place + 2]) == pair
        made.append("".join(pair) if together else tokens[place])
        place += 2 if together else 1
    return made


def merges_of(texts, characters, size):
    """The pairs in the order in which they are joined (Sennrich et al. 2016, algorithm 1).

    Of pairs that are equally frequent the one whose tokens are older comes first.
    """
    counts = Counter(word for text in texts for word in words_of(text))
    spelt = {word: [*word] for word in counts}
    vocabulary, merges = [*characters], []
    while len(vocabulary) < size:
        pairs = Counter()
        for word, count in counts.items():
            for pair in pairwise(spelt[word]):
                pairs[pair] += count
        age = {token: number for number, token in enumerate(vocabulary)}
        ordered = sorted(pairs, key=lambda pair: (-pairs[pair], age[pair[0]], age[pair[1]]))
        if not ordered or pairs[ordered[0]] < 2:
            break
        best = ordered[0]
        merges.append(best)
        if "".join(best) not in vocabulary:
            vocabulary.append("".join(best))
        spelt = {word: joined(tokens, best) for word, tokens in spelt.items()}
    return merges


def encoded(text, merges):
    """The tokens of a text: all merges, in their order."""
    tokens = []
    for word in words_of(text):
        spelt = [*word]
        for pair in merges:
            spelt = joined(spelt, pair)
        tokens += spelt
    return tokens


def shown(tokenizer, text):
    return [tokenizer.symbols[token] for token in tokenizer.encode(text)]


@settings(deadline=None, max_examples=60)
@given(corpora, st.lists(words, max_size=4), st.integers(0, 12))
def test_it_joins_as_plain_loops_do(corpus, others, more):
    characters = "".join(sorted({*"".join([*corpus, *others])}))
    size = len(characters) + 2 + more
    train = Documents.of(corpus)
    tokenizer = BPE.fit(BPE.Options(size=size), train, characters)
    merges = merges_of(corpus, characters, size - 1)
    described = tokenizer.to_json()["tokenizer"]["model"]
    assert [tuple(pair) for pair in described["merges"]] == merges
    assert tokenizer.vocabulary.size <= size
    for text in [*corpus, *others]:
        assert shown(tokenizer, text) == encoded(text, merges)
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_it_encodes_as_the_library_alone_does():
    tokenizer = fitted(BPE, CORPUS, size=30)
    library = tokenizers.Tokenizer.from_str(json.dumps(tokenizer.to_json()["tokenizer"]))
    for text in [*CORPUS, "hash the mat", "  ", "lashes"]:
        assert tokenizer.encode(text) == library.encode(text, add_special_tokens=False).ids
    ids = tokenizer.encode_documents(Documents.of(CORPUS))
    assert [ids[number] for number in range(len(CORPUS))] == [*map(tokenizer.encode, CORPUS)]


def test_size_counts_all_tokens_and_ends_where_no_pair_stands_twice():
    assert fitted(BPE, CORPUS, size=20).vocabulary.size == 20
    assert fitted(BPE, ["ab", "cd"]).symbols == ("a", "b", "c", "d", "-")
    assert fitted(BPE, ["ab", "ab"]).symbols == ("a", "b", "ab", "-")
    with pytest.raises(RequestError, match=r"no room for the 4 characters.*size is at least 5"):
        fitted(BPE, ["ab", "cd"], size=4)


def test_characters_of_other_splits_are_tokens():
    tokenizer = BPE.fit(BPE.Options(), Documents.of(["ab"]), "abc")
    assert tokenizer.decode(tokenizer.encode("cab")) == "cab"


def test_an_unknown_character_is_named_and_not_dropped():
    tokenizer = fitted(BPE, CORPUS)
    with pytest.raises(RequestError, match="'z' at position 3 of 'laz' is not among"):
        tokenizer.encode("laz")
    with pytest.raises(RequestError, match="Document 2: Character 'z' at position 1"):
        tokenizer.encode_documents(Documents.of(["la", "z"]))
    with pytest.raises(RequestError, match=r"'T' at position 1.*Did you mean 't'"):
        tokenizer.encode_prefix("The")


def test_the_terminator_is_no_text():
    tokenizer = fitted(BPE, ["a-b", "a-b"])
    end = tokenizer.symbols[tokenizer.terminator_id]
    assert end == "␃"
    with pytest.raises(RequestError, match="'␃' at position 2"):
        tokenizer.encode("a␃")
    ids = tokenizer.encode("a-b")
    assert tokenizer.decode([*ids, tokenizer.terminator_id, *ids]) == "a-b"


def test_no_token_goes_beyond_a_word_and_only_the_last_word_of_a_prefix_is_open():
    tokenizer = fitted(BPE, CORPUS, size=60)
    assert not [each for each in tokenizer.symbols if " " in each[1:]]
    for text, certain, rest in [
        ("the cat", "the", " cat"),
        ("the ", "the", " "),
        ("the  cat", "the ", " cat"),
        ("th", "", "th"),
        ("", "", ""),
    ]:
        prefix = tokenizer.encode_prefix(text)
        assert prefix == (tuple(tokenizer.encode(certain)), rest.encode())


@settings(deadline=None, max_examples=40)
@given(st.lists(words, min_size=1, max_size=6), words, words)
def test_what_is_certain_of_a_prefix_begins_every_continuation(corpus, text, more):
    tokenizer = fitted(BPE, [*corpus, text + more])
    prefix = tokenizer.encode_prefix(text)
    spelt = b"".join(tokenizer.pieces()[token] for token in prefix.ids) + prefix.rest
    assert spelt == text.encode()
    assert tokenizer.encode(text + more)[: len(prefix.ids)] == [*prefix.ids]


def test_what_composes_has_no_pieces_and_comes_back_in_the_normal_form():
    tokenizer = fitted(BPE, ["e", "x\u0301", "x\u0301"])
    assert tokenizer.pieces() is None
    assert tokenizer.decode(tokenizer.encode("é")) == "é" == nfc("e\u0301")


def test_it_comes_back_from_its_state():
    tokenizer = fitted(BPE, CORPUS, size=30)
    again = BPE.from_json(tokenizer.to_json())
    assert again.vocabulary == tokenizer.vocabulary
    assert again.pieces() == tokenizer.pieces()
    assert [*map(again.encode, CORPUS)] == [*map(tokenizer.encode, CORPUS)]
    for state in ({}, {"terminator": "-"}, {**tokenizer.to_json(), "terminator": "a"}):
        with pytest.raises(ValueError, match=r"terminator|table"):
            BPE.from_json(state)


@pytest.mark.parametrize("options", [{"terminator": "x"}, {"file": "a", "size": 9}])
def test_options_that_exclude_each_other_are_refused(options):
    with pytest.raises(ValueError, match="file"):
        BPE.Options(**options)
