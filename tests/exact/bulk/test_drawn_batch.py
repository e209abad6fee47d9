"""Lines of bytes from the steps in which a batch was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tokgen.exact.bulk.drawn_batch import DrawnBatch, DrawnStep, line_bytes


@pytest.mark.parametrize("piece", [b"sh", "é".encode(), b"\xc3", b""])
def test_only_single_ascii_characters_have_one_byte_each(piece):
    assert line_bytes([b"a", piece, b""], 2) is None


def test_a_batch_is_written_line_by_line():
    bytes_of = line_bytes([b"", b"a", b"b"], 0)
    assert bytes_of.tobytes() == b"\nab"
    steps = [
        DrawnStep(np.array([0, 1, 2]), np.array([1, 0, 2])),
        DrawnStep(np.array([0, 2]), np.array([0, 2])),
    ]
    batch = DrawnBatch(3, steps, np.array([2]))
    assert batch.text(bytes_of, b"x") == b"xa\nx\nxbb\n"
