"""Whether a text is within N edits of a row of a corpus: exactly, and in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache

from tokgen.exact.nearness.deletion_index import DeletionIndex, neighbourhood_size
from tokgen.exact.nearness.edit_distance import WORD_BITS, edit_distance
from tokgen.exact.nearness.scanned_rows import ScannedRows
from tokgen.stopping import may_stop

MOST_EDITS_INDEXED = 2
# The hash (8) and the row (4) of an entry, twice and with their order while they are sorted.
BYTES_AN_ENTRY = 40
REMEMBERED = 1 << 16

RowsByLength = dict[int, list[str]]


class NearRows:
    """The rows of a corpus; near is what is within `distance` edits of one of them.

    Short rows are found in an index of deletion neighbourhoods, as many as fit into `memory`
    bytes, the shortest first. All others, and all where so many edits make the neighbourhoods too
    large, are compared with each text of about their length.
    """

    def __init__(self, rows: Iterable[str], distance: int, memory: int) -> None:
        ascending = itertools.groupby(sorted(set(rows), key=len), key=len)
        by_length = {length: [*alike] for length, alike in ascending}
        self.distance = distance
        self.indexed_to = _reach(by_length, distance, memory // BYTES_AN_ENTRY)
        short = [alike for length, alike in by_length.items() if length <= self.indexed_to]
        self._index = DeletionIndex(short, distance)
        self._indexed = [*itertools.chain.from_iterable(short)]
        self._scanned = ScannedRows(
            {length: alike for length, alike in by_length.items() if length > self.indexed_to}
        )
        # A model makes some texts again and again.
        self.is_near = lru_cache(REMEMBERED)(self._is_near)

    def _is_near(self, text: str) -> bool:
        """Whether a row is within the distance of a text in NFC."""
        may_stop()
        if self._indexed and len(text) - self.distance <= self.indexed_to:
            candidates = map(self._indexed.__getitem__, self._index.candidates(text).tolist())
            if any(edit_distance(text, row) <= self.distance for row in candidates):
                return True
        return self._scanned.any_within(text, self.distance)


def _reach(by_length: RowsByLength, distance: int, most_entries: int) -> int:
    """How long the longest rows are that are indexed; -1 where none is."""
    reach, entries = -1, 0
    for length, rows in by_length.items() if distance <= MOST_EDITS_INDEXED else ():
        entries += len(rows) * neighbourhood_size(length, distance)
        if length > WORD_BITS or entries > most_entries:
            break
        reach = length
    return reach
