"""Lines of a file, whoever brings it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
