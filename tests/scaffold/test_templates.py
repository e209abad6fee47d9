"""The plugins that are written compute what they say, where clauses cannot know it."""

from __future__ import annotations

import importlib
import math
import unicodedata
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.errors import RequestError
from tokgen.plugin_api import Dataset, Documents, FitRun, Prefixes
from tokgen.plugin_api.sampler import SamplingContext

# Letters, an accent that joins with some of them, and the terminator's own sign.
CHARACTERS = "-aeq\u0301"


def class_of(template, name):
    return getattr(importlib.import_module(f"tokgen.scaffold.templates.{template}"), name)


@pytest.fixture
def letters():
    documents = Documents.of(["abab", "aab", "ab"])
    tokenizer = class_of("tokenizer", "LetterPairs")
    return tokenizer.fit(tokenizer.Options(pairs=0), documents, "ab"), documents


def applied(share, rows, vocabulary):
    sampler = class_of("sampler", "MixUniform")
    options = sampler.Options(share=share)
    logprobs = np.array(rows)
    return sampler(options).apply(logprobs, SamplingContext(sampler.needs, vocabulary))


def test_the_sampler_mixes_with_what_remains(letters):
    vocabulary = letters[0].vocabulary
    with np.errstate(divide="ignore"):
        rows = np.log([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    mixed = np.exp(applied(0.4, rows, vocabulary))
    by_hand = [[0.3 + 0.4 / 3, 0.18 + 0.4 / 3, 0.12 + 0.4 / 3], [0.54 + 0.2, 0.06 + 0.2, 0]]
    assert mixed == pytest.approx(np.array(by_hand))


def test_the_neutral_sampler_changes_nothing_however_improbable(letters):
    rows = [[-2000.0, 0.0, -np.inf]]
    assert applied(0, rows, letters[0].vocabulary).tolist() == rows


def test_the_model_is_the_bigram_by_hand(letters):
    tokenizer, documents = letters
    vocabulary = tokenizer.vocabulary
    train = Dataset(tokenizer.encode_documents(documents), vocabulary)
    model = class_of("model", "SmoothedBigram")
    fitted = model.fitted(model.Options(weight=2), vocabulary, train, None, FitRun())
    texts = [f"-{text}-" for text in documents]
    pairs = Counter(pair for text in texts for pair in pairwise(text))
    single = Counter(letter for text in texts for letter in text[1:])
    assert (pairs["a", "b"], single["a"]) == (4, 5)
    for before in "ab-":
        prefix = [] if before == "-" else tokenizer.encode(before)
        rows = np.exp(fitted.next_logprobs(Prefixes.of([prefix])))
        total = sum(pairs[before, letter] for letter in "ab-")
        by_hand = [
            (pairs[before, letter] + 2 * (single[letter] + 1 / 3) / (single.total() + 1))
            / (total + 2)
            for letter in "ab-"
        ]
        assert rows[0] == pytest.approx(np.array(by_hand))


def test_the_network_with_a_cache_is_the_network_that_reads_anew(letters):
    model = class_of("torch_model", "CharRnn")
    vocabulary = letters[0].vocabulary
    made = model.initial(model.Options(width=5), vocabulary, seed=3)
    decoder = made.decoder(Prefixes.of([[], [0, 1]]))
    decoder.advance(np.array([1, 0, 1]), np.array([1, 0, 0]))
    anew = made.next_logprobs(Prefixes.of([[0, 1, 1], [0], [0, 1, 0]]))
    assert decoder.logprobs() == pytest.approx(anew, abs=1e-12)
    assert np.exp(anew).sum(axis=1) == pytest.approx(np.ones(3))
    assert not np.allclose(anew[0], anew[2])


@given(
    st.lists(st.text(CHARACTERS, max_size=8), min_size=1), st.text(CHARACTERS), st.integers(0, 4)
)
def test_texts_come_back_from_their_ids(texts, text, pairs):
    tokenizer = class_of("tokenizer", "LetterPairs")
    fitted = tokenizer.fit(tokenizer.Options(pairs=pairs), Documents.of(texts), CHARACTERS)
    read = tokenizer.from_json(fitted.to_json())
    ids = read.encode(text)
    assert ids == fitted.encode(text)
    assert read.decode([*ids, read.terminator_id, 0]) == unicodedata.normalize("NFC", text)
    assert len(set(read.symbols)) == len(read.symbols) <= len(CHARACTERS) + pairs + 1


def test_a_pair_is_taken_where_one_fits_and_the_unknown_is_named(letters):
    tokenizer = class_of("tokenizer", "LetterPairs")
    fitted = tokenizer.fit(tokenizer.Options(pairs=1), letters[1], "ab")
    assert [fitted.symbols[token] for token in fitted.encode("aabba")] == ["a", "ab", "b", "a"]
    assert fitted.pieces() == [b"a", b"b", b"ab", b""]
    with pytest.raises(RequestError, match="'c' at position 3"):
        fitted.encode("abc")


def test_of_a_prefix_only_a_last_character_is_open(letters):
    tokenizer = class_of("tokenizer", "LetterPairs")
    fitted = tokenizer.fit(tokenizer.Options(pairs=1), letters[1], "ab")
    assert fitted.encode_prefix("aba") == ((2,), b"a")
    assert fitted.encode_prefix("aab") == ((0, 2), b"")
    assert fitted.encode_prefix("") == ((), b"")


def test_surprisal_is_told_in_bits_for_each_token():
    import tokgen

    score = tokgen.Score("ab", ("a", "b", "-"), (math.log(0.5), math.log(0.25), math.log(0.125)))
    command = importlib.import_module("tokgen.scaffold.templates.command")
    assert command.bits_per_token(score) == pytest.approx((1 + 2 + 3) / 3)
