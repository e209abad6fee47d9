"""The tokenizer bytes: those of UTF-8 that the corpus has."""

from __future__ import annotations

import itertools

import pytest
from fitted_tokenizers import fitted
from hypothesis import given, settings
from hypothesis import strategies as st
from tokgen_tokenizers.bytes_seen import Bytes, spellable

from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents
from tokgen.unicode import REPLACEMENT, nfc

characters = st.characters(exclude_categories=("Cs",), exclude_characters="\n\r")
corpora = st.lists(st.text(characters, min_size=1, max_size=8), min_size=1, max_size=6)


def of(*texts):
    return fitted(Bytes, map(nfc, texts))


@settings(deadline=None, max_examples=40)
@given(corpora)
def test_ids_are_the_bytes_and_the_text_comes_back(texts):
    tokenizer = of(*texts)
    seen = sorted(set("".join(map(nfc, texts)).encode()))
    assert tokenizer.terminator_id == len(seen)
    encoded = tokenizer.encode_documents(Documents.of(texts))
    for number, text in enumerate(texts):
        ids = tokenizer.encode(text)
        assert bytes(seen[token] for token in ids) == nfc(text).encode()
        assert tokenizer.decode(ids) == nfc(text)
        assert encoded[number] == ids


def test_symbols_are_letters_where_a_byte_is_one_and_hexadecimal_elsewhere():
    assert of("aé z").symbols == (" ", "a", "z", "<0xA9>", "<0xC3>", "-")
    assert of("a-\t").symbols == ("<0x09>", "-", "a", "␃")
    assert len(set(Bytes(range(256)).symbols)) == 257


def test_a_character_with_a_byte_that_is_not_seen_is_named():
    with pytest.raises(RequestError, match=r"'ü' at position 2 of 'éü' is not among"):
        of("é").encode("éü")
    with pytest.raises(RequestError, match="Document 2: Character 'ü'"):
        of("é").encode_documents(Documents.of(["é", "ü"]))
    # Bytes of other characters together spell one that the corpus does not have.
    assert of("éĬ").decode(of("éĬ").encode("ĩ")) == "ĩ"


def test_ill_formed_bytes_are_shown_as_replacements():
    tokenizer = of("é")
    half, lead = tokenizer.symbols.index("<0xA9>"), tokenizer.symbols.index("<0xC3>")
    assert tokenizer.decode([lead]) == tokenizer.decode([half]) == REPLACEMENT
    assert tokenizer.decode([lead, half, half]) == "é" + REPLACEMENT
    assert tokenizer.decode([lead, tokenizer.terminator_id, half]) == REPLACEMENT


def test_a_composed_letter_is_spelt_by_its_parts():
    tokenizer = of("e", "x\u0301")
    assert tokenizer.pieces() is None
    assert tokenizer.decode(tokenizer.encode("é")) == "é"
    assert len(tokenizer.encode("é")) == 3


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, 255), max_size=5))
def test_what_bytes_spell_is_every_character_of_these_bytes(seen):
    tried = set()
    for length in (1, 2, 3, 4):
        for piece in map(bytes, itertools.product(sorted(seen), repeat=length)):
            tried |= set(piece.decode("utf-8", errors="ignore")[:1] if _whole(piece) else "")
    assert spellable(frozenset(seen)) == "".join(sorted(tried))


def _whole(piece):
    try:
        return len(piece.decode()) == 1
    except UnicodeDecodeError:
        return False


def test_there_are_pieces_if_nothing_that_the_bytes_spell_can_compose():
    assert of("aé€").pieces() == [bytes([each]) for each in sorted({*"aé€".encode()})] + [b""]
    # す is E3 81 99, め E3 82 81: together they spell E3 82 99, a mark that makes す to ず.
    assert of("す").pieces() is not None
    assert of("すめ").pieces() is None
    assert Bytes(range(256)).pieces() is None


def test_a_text_has_one_spelling_if_no_byte_is_half_a_character():
    assert of("ab").unique_spelling
    assert not of("é").unique_spelling


@pytest.mark.parametrize("state", [{}, {"bytes": "ab"}, {"bytes": [1, 0]}, {"bytes": [256]}])
def test_a_damaged_state_is_refused(state):
    with pytest.raises(ValueError, match="bytes"):
        Bytes.from_json(state)
