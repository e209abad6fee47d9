"""The nearest document of a corpus by edit distance (Levenshtein 1966)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tokgen.exact.nearness.scanned_rows import ScannedRows


@dataclass(frozen=True)
class Nearest:
    """A document, and how many insertions, deletions and replacements away it is."""

    text: str
    distance: int


class Neighbourhood:
    """Documents by length: one of another length is at least the difference away."""

    def __init__(self, documents: Iterable[str]) -> None:
        self._by_length: dict[int, list[tuple[int, str]]] = {}
        for number, text in enumerate(documents):
            self._by_length.setdefault(len(text), []).append((number, text))
        self._rows = ScannedRows(
            {length: [text for _, text in alike] for length, alike in self._by_length.items()}
        )

    def nearest(self, text: str) -> Nearest:
        """The nearest document, of equals the first; there must be one at least."""
        found: list[tuple[int, int, str]] = []
        for length in sorted(self._by_length, key=lambda each: abs(each - len(text))):
            if found and abs(length - len(text)) > min(found)[0]:
                break
            distances = self._rows.distances(text, length)
            place = int(distances.argmin())
            found.append((int(distances[place]), *self._by_length[length][place]))
        distance, _, document = min(found)
        return Nearest(document, distance)
