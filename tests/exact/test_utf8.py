"""The UTF-8 decoder against Python's own."""

from __future__ import annotations

import codecs
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokgen.exact.utf8 import BOUNDARY, ILL_FORMED, Utf8Decoder

TOLD_APART = "aé€🙂日\x00\x7f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff"
DECODER = Utf8Decoder(TOLD_APART)
OTHER = len(TOLD_APART)


def expected(content):
    """What Python's strict decoder finds: whether it stands inside a character, and which came."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    try:
        for byte in content:
            text += decoder.decode(bytes([byte]))
            if "\ufffd" in text:
                return "ill-formed", None
    except UnicodeDecodeError:
        return "ill-formed", None
    classes = [TOLD_APART.find(character) for character in text]
    waiting = decoder.getstate()[0]
    if waiting and not begins_a_character(waiting):
        return "ill-formed", None
    return ("inside" if waiting else "boundary"), [c if c >= 0 else OTHER for c in classes]


def begins_a_character(content):
    """Python waits for the third byte before it says that a surrogate is none."""
    for length in (1, 2, 3):
        for rest in itertools.product([0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF], repeat=length):
            try:
                return bool((content + bytes(rest)).decode())
            except UnicodeDecodeError:
                continue
    return False


def found(content):
    state, classes = DECODER.read(BOUNDARY, content)
    if state == ILL_FORMED:
        return "ill-formed", None
    return ("boundary" if state == BOUNDARY else "inside"), classes


@pytest.mark.parametrize("length", [0, 1, 2])
def test_all_short_sequences_of_bytes(length):
    for content in itertools.product(range(256), repeat=length):
        assert found(bytes(content)) == expected(bytes(content))


edges = st.sampled_from([0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF])
leads = st.sampled_from([0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF])
parts = st.one_of(
    st.sampled_from(TOLD_APART + "bñ한\ufffd").map(str.encode),
    st.characters(exclude_categories=("Cs",)).map(str.encode),
    st.one_of(edges, leads).map(lambda byte: bytes([byte])),
)


@settings(max_examples=1000)
@given(st.lists(parts, max_size=6).map(b"".join))
def test_sequences_of_characters_and_of_single_bytes(content):
    assert found(content) == expected(content)


def test_surrogates_are_told_apart_and_never_come():
    decoder = Utf8Decoder("a\ud800")
    assert decoder.read(BOUNDARY, b"a") == (BOUNDARY, [0])
    assert decoder.read(BOUNDARY, b"\xed\xa0\x80")[0] == ILL_FORMED


def test_the_replacement_character_counts_as_what_it_replaces():
    for characters in ("", "a\ufffd"):
        assert Utf8Decoder(characters).read(BOUNDARY, "\ufffd".encode())[0] == ILL_FORMED
