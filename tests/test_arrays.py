"""Work in parts: every row once, and no failure is lost."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tokgen.arrays import in_parts


@pytest.mark.parametrize("count", [0, 1, 7, 8, 100])
def test_every_row_is_worked_on_once(count):
    seen = np.zeros(count, int)

    rooms = []

    def make_room():
        rooms.append([])
        return rooms[-1]

    def work(part, room):
        seen[part] += 1
        room.append(part)

    in_parts(work, count, 8, make_room)
    assert (seen == 1).all()
    assert sum(map(len, rooms)) == -(-count // 8)
    assert len(rooms) <= max(1, os.cpu_count())


@pytest.mark.parametrize("count", [5, 50])
def test_what_a_part_raises_is_raised(count):
    def work(part, room):
        raise ValueError(part.start)

    with pytest.raises(ValueError, match=r"\d"):
        in_parts(work, count, 8, list)
