"""Lines of a file, whoever brings it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.corpus.opening import open_corpus
from tokgen.corpus.text_file import split_lines
from tokgen.errors import RequestError


def test_what_is_not_utf8_is_refused_with_its_place():
    with pytest.raises(RequestError) as refused:
        split_lines(b"bana\nkol\xff\n", "words.tsv of 'words'")
    assert str(refused.value) == "words.tsv of 'words' is not UTF-8: line 2, byte 4 is 0xff."


@given(st.text("ab\r\n\t", max_size=20))
def test_lines_end_at_lf_crlf_and_cr(text):
    expected = [line for line in re.split("\r\n|\r|\n", text) if line]
    if not expected:
        with pytest.raises(RequestError, match="is empty"):
            split_lines(text.encode(), "'f'")
        return
    lines = split_lines(text.encode(), "'f'")
    assert [*lines.documents] == expected
    blank = len(re.findall("(?:^|(?<=\n)|(?<=\r)(?!\n))(?:\r\n|\r|\n)", text))
    assert lines.blank == blank


@pytest.mark.parametrize("typed", ["towns.tx", "town.txt", "towms.txt"])
def test_a_file_that_is_called_otherwise_is_suggested(tmp_path, monkeypatch, typed):
    (tmp_path / "towns.txt").write_text("agra\n")
    monkeypatch.chdir(tmp_path)
    for folder in ("", f"{tmp_path}/"):
        meant = f"{folder}towns.txt"
        with pytest.raises(RequestError, match=re.escape(f"Did you mean {meant!r}?")):
            open_corpus(f"{folder}{typed}")
    with pytest.raises(RequestError, match=r"Did you mean 'indian-names'\?"):
        open_corpus("indian-name")
    for other in ("villages.txt", "a\0/towns.tx", "none/towns.tx"):
        with pytest.raises(RequestError, match=r"There is: indian-names\."):
            open_corpus(other)
