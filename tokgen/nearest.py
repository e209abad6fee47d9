"""The nearest document of a corpus by edit distance (Levenshtein 1966), all documents at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Nearest:
    """A document, and how many insertions, deletions and replacements away it is."""

    text: str
    distance: int


def nearest(text: str, documents: Sequence[str]) -> Nearest | None:
    """The nearest document, of equals the first; None where there are none."""
    if not len(documents):
        return None
    texts = list(documents)
    lengths = np.array([len(each) for each in texts])
    letters = np.array([list(each.ljust(int(lengths.max()))) for each in texts]).reshape(
        len(texts), -1
    )
    width = letters.shape[1]
    row = np.repeat(np.arange(width + 1)[:, None], len(texts), axis=1)
    for place, letter in enumerate(text, start=1):
        above, row = row, np.empty_like(row)
        row[0] = place
        for column in range(1, width + 1):
            replaced = above[column - 1] + (letters[:, column - 1] != letter)
            row[column] = np.minimum(np.minimum(above[column], row[column - 1]) + 1, replaced)
    distances = row[lengths, np.arange(len(texts))]
    best = int(distances.argmin())
    return Nearest(texts[best], int(distances[best]))
