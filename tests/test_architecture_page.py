"""docs/architecture.md names the rooms that there are, in the order that imports keep."""

from __future__ import annotations

import re
from pathlib import Path

from test_rooms import ROOMS

PAGE = Path(__file__).parents[1] / "docs/architecture.md"


def test_the_rooms_stand_in_their_order():
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("| room |") : page.index("`tokgen` imports no plugin package")]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == ROOMS
