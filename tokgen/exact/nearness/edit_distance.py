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
_ONE, _TOP = np.uint64(1), np.uint64(WORD_BITS - 1)


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
    """The distances (D,) of one text to many rows of one length L.

    A column is W words of 64 bits. What its last bit hands on is the first of the next word.

    Args:
        masks: (W, A) for each letter of an alphabet, the places where the text has it as bits.
        letters: (L, D) the letters of the rows, as places in the alphabet.
        length: of the text, one letter or more.
    """
    last, ones = np.uint64((length - 1) % WORD_BITS), np.ones(letters.shape[1], np.uint64)
    rises = [~np.zeros_like(ones) for _ in masks]
    falls = [np.zeros_like(ones) for _ in masks]
    distances = np.full(letters.shape[1], length, dtype=np.int64)
    for row in letters:
        right_in, left_in = ones, np.zeros_like(ones)
        for word, mask in enumerate(masks):
            equal, before = mask[row], rises[word]
            upright = equal | falls[word]
            equal |= left_in
            diagonal = (((equal & before) + before) ^ before) | equal
            right, left = falls[word] | ~(diagonal | before), before & diagonal
            shifted, left_shifted = right << _ONE | right_in, left << _ONE | left_in
            rises[word], falls[word] = left_shifted | ~(upright | shifted), shifted & upright
            right_in, left_in = right >> _TOP, left >> _TOP
        distances += (right >> last & _ONE).view(np.int64)
        distances -= (left >> last & _ONE).view(np.int64)
    return distances
