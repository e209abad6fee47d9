"""The alphabet tokenizer: any script, any marks, and a terminator that is never mistaken."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokgen_tokenizers.alphabet import Alphabet

from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.options import PluginOptions
from tokgen.unicode import nfc

characters = st.characters(exclude_categories=("Cs",), exclude_characters="\n\r")
corpora = st.lists(st.text(characters, min_size=1, max_size=8), min_size=1, max_size=10)


def fit(texts):
    return Alphabet.fit(
        PluginOptions(), Documents.of(texts), Documents.of(map(nfc, texts)).different_characters()
    )


@given(corpora)
def test_encoding_and_back_is_normalisation(texts):
    alphabet = fit(texts)
    encoded = alphabet.encode_documents(Documents.of(texts))
    assert len(encoded) == len(texts)
    for number, text in enumerate(texts):
        assert encoded[number] == alphabet.encode(text)
        assert alphabet.decode(encoded[number]) == unicodedata.normalize("NFC", text)
        assert alphabet.terminator_id not in encoded[number]


@given(corpora)
def test_state_comes_back(texts):
    alphabet = fit(texts)
    again = Alphabet.from_json(alphabet.to_json())
    assert (again.symbols, again.terminator_id) == (alphabet.symbols, alphabet.terminator_id)


def test_accents_typed_apart_are_the_same():
    alphabet = fit(["café"])
    assert alphabet.encode("cafe\u0301") == alphabet.encode("caf\u00e9")


def test_terminator_is_shown_apart_from_a_hyphen():
    assert fit(["ab"]).symbols == ("a", "b", "-")
    assert fit(["a-b"]).symbols == ("-", "a", "b", "␃")
    assert fit(["a-b"]).decode(fit(["a-b"]).encode("a-b")) == "a-b"


@given(st.sets(st.one_of(characters, st.sampled_from("-␃⟨end⟩"))))
def test_no_character_of_a_corpus_is_shown_as_the_terminator(letters):
    symbols = Alphabet("".join(sorted(letters))).symbols
    assert len(set(symbols)) == len(symbols)


def test_unknown_characters_are_named():
    with pytest.raises(RequestError, match=r"'A' at position 2.*Did you mean 'a'"):
        fit(["ab"]).encode("bA")
    with pytest.raises(RequestError, match="Document 2: Character 'c'"):
        fit(["ab"]).encode_documents(Documents.of(["ab", "abc"]))


marked = st.sampled_from("aex\u0301\u0323\u00e9\u0928\u093c\u094d\u1100\u1161\uac00")


@given(st.lists(st.one_of(marked, characters), min_size=1, max_size=5, unique=True), st.data())
def test_pieces_are_the_bytes_of_what_is_decoded_or_there_are_none(letters, data):
    alphabet = Alphabet("".join(sorted(letters)))
    pairs = [a + b for a in letters for b in ["", *letters]]
    kept = all(unicodedata.is_normalized("NFC", pair) for pair in pairs)
    assert (alphabet.pieces() is not None) == kept
    if kept:
        ids = data.draw(st.lists(st.integers(0, len(letters)), max_size=8))
        ended = ids[: ids.index(len(letters))] if len(letters) in ids else ids
        spelt = b"".join(alphabet.pieces()[token] for token in ended)
        assert spelt.decode() == alphabet.decode(ids)


def test_pieces_of_letters():
    assert fit(["ab c"]).pieces() == [b" ", b"a", b"b", b"c", b""]
    assert fit(["é"]).pieces() == ["é".encode(), b""]
    assert Alphabet("e\u0301").pieces() is None


def test_a_damaged_state_is_refused_and_ids_are_small():
    with pytest.raises(ValueError, match="different characters"):
        Alphabet.from_json({"characters": "aa"})
    assert fit(["b", "a"]).encode_documents(Documents.of([""])).ids.dtype == np.uint8
