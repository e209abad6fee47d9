"""Edit distance: the least number of insertions, deletions and substitutions between two texts.

Letters are code points. A column of the table of distances differs by one at most from row to row,
so that its differences are bits, and a whole column is a few operations on an integer (Myers 1999,
in the form of Hyyrö 2003).
"""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Ints
from tokgen.rng import Words

WORD_BITS = 64


def edit_distance(first: str, second: str) -> int:
    """The distance of two texts of any length: a column is one integer of as many bits."""
    if not first:
        return len(second)
    places: dict[str, int] = {}
    for place, letter in enumerate(first):
        places[letter] = places.get(letter, 0) | 1 << place
    every, last, distance = (1 << len(first)) - 1, len(first) - 1, len(first)
    rises, falls = every, 0
    for letter in second:
        equal = places.get(letter, 0) | falls
        diagonal = ((rises + (equal & rises)) ^ rises) | equal
        right, left = falls | ~(rises | diagonal) & every, rises & diagonal
        distance += (right >> last & 1) - (left >> last & 1)
        right = right << 1 | 1
        rises, falls = (left << 1 | ~(right | diagonal)) & every, right & diagonal & every
    return distance


def edit_distances(masks: Words, letters: Ints, length: int) -> Ints:
    """The distances (D,) of one text of 1 to 64 letters to many rows of one length L.

    Args:
        masks: (A,) for each letter of an alphabet, the places where the text has it as bits.
        letters: (L, D) the letters of the rows, as places in the alphabet.
        length: of the text.
    """
    last = np.uint64(length - 1)
    one = np.uint64(1)
    rises = np.full(letters.shape[1], np.uint64((1 << length) - 1))
    falls = np.zeros_like(rises)
    distances = np.full(letters.shape[1], length, dtype=np.int64)
    for row in letters:
        equal = masks[row] | falls
        diagonal = ((rises + (equal & rises)) ^ rises) | equal
        right, left = falls | ~(rises | diagonal), rises & diagonal
        distances += (right >> last & one).view(np.int64)
        distances -= (left >> last & one).view(np.int64)
        right = right << one | one
        rises, falls = left << one | ~(right | diagonal), right & diagonal
    return distances
