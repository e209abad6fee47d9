"""Lines of a file, whoever brings it."""

from __future__ import annotations

import pytest

from tokgen.corpus.text_file import split_lines
from tokgen.errors import RequestError


def test_what_is_not_utf8_is_refused_with_its_place():
    with pytest.raises(RequestError) as refused:
        split_lines(b"bana\nkol\xff\n", "words.tsv of 'words'")
    assert str(refused.value) == "words.tsv of 'words' is not UTF-8: line 2, byte 4 is 0xff."
