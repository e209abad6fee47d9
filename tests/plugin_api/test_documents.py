"""Documents and text files: bytes in, texts out, hashes fixed for all time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents

MASK = (1 << 64) - 1


def reference_hash(text):
    """FNV-1a and MurmurHash3's finaliser, one byte after the other."""
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return h ^ (h >> 33)


texts = st.lists(st.text(max_size=12), max_size=20)


@given(texts)
def test_hashes_are_those_of_the_reference(rows):
    assert Documents.of(rows).hashes().tolist() == [reference_hash(row) for row in rows]


@given(texts, texts)
def test_documents_hold_texts(first, second):
    joined = Documents.of(first) + Documents.of(second)
    assert list(joined) == first + second
    assert joined.characters() == sum(map(len, first + second))
    assert list(joined[1:3]) == (first + second)[1:3]


def corpus_of(tmp_path, content):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    return open_corpus(str(path))


@pytest.mark.parametrize(
    "content",
    [b"one\ntwo\n", b"one\r\ntwo", b"\xef\xbb\xbfone\n\n\r\ntwo\n"],
    ids=["lf", "crlf, no last newline", "byte-order mark and blank lines"],
)
def test_lines_are_documents(tmp_path, content):
    assert list(corpus_of(tmp_path, content).documents) == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"ab\nc\xffd\n", "line 2, byte 2 is 0xff"),
        (b"a" * 70_000 + b"\n", "line 1 has 70,000 bytes"),
    ],
)
def test_unfit_files_are_refused_in_a_sentence(tmp_path, content, said):
    with pytest.raises(RequestError) as raised:
        corpus_of(tmp_path, content)
    assert said in str(raised.value)


def test_directories_and_missing_files_are_refused(tmp_path):
    with pytest.raises(RequestError, match="it is a folder"):
        open_corpus(str(tmp_path))
    with pytest.raises(RequestError, match="Did you mean 'indian-names'"):
        open_corpus("indian-name")
