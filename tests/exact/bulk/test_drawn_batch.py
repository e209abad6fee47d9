"""Lines of bytes from the steps in which a batch was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from models import symbols, symbols_begun

from tokgen.exact.bulk.drawn_batch import DrawnBatch, DrawnStep, line_bytes
from tokgen.plugin_api.vocabulary import Vocabulary


@pytest.mark.parametrize("piece", [b"sh", "é".encode(), b"\xc3", b""])
def test_only_single_ascii_characters_have_one_byte_each(piece):
    assert line_bytes([b"a", piece, b""], symbols(3)) is None


def test_a_start_id_needs_no_byte():
    vocabulary = symbols_begun(3)
    bytes_of = line_bytes([b"a", b"b", b"", b""], vocabulary)
    others = np.delete(bytes_of, vocabulary.start_id)
    assert others.tobytes() == b"ab\n"
    assert line_bytes([b"a", b"\n", b"", b""], vocabulary) is None


def test_a_batch_is_written_line_by_line():
    bytes_of = line_bytes([b"", b"a", b"b"], Vocabulary(("-", "a", "b"), 0))
    assert bytes_of.tobytes() == b"\nab"
    steps = [
        DrawnStep(np.array([0, 1, 2]), np.array([1, 0, 2])),
        DrawnStep(np.array([0, 2]), np.array([0, 2])),
    ]
    batch = DrawnBatch(3, steps, np.array([2]))
    assert batch.text(bytes_of, b"x") == b"xa\nx\nxbb\n"
