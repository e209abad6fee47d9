"""The draw: one random word and one distribution give one token."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats, Ints

THRESHOLD_BITS = 53


def draw(logprobs: Floats, rows: Ints, words: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Ints:
    """A token for each word (B,) from the distribution `logprobs[rows[i]]`: (D, V) -> (B,) int64.

    Inverse CDF on integer thresholds, found by bisection: token j is drawn where the word's upper
    53 bits are below threshold j and not below j - 1. Thresholds are the cumulative probabilities
    times 2**53, rounded down; since the last one is 2**53 itself, a token of probability zero is
    never drawn.
    """
    levels = (words >> np.uint64(64 - THRESHOLD_BITS)).astype(np.int64)
    flat, width = thresholds(logprobs).ravel(), logprobs.shape[1]
    low = rows * width
    high = low + (width - 1)
    for _ in range((width - 1).bit_length()):
        middle = (low + high) >> 1
        passed = flat.take(middle) <= levels
        low = np.where(passed, middle + 1, low)
        high = np.where(passed, high, middle)
    return low - rows * width


def thresholds(logprobs: Floats) -> Ints:
    """Integer cumulative thresholds (D, V) of the draw, the last of each row 2**53."""
    cumulative = np.cumsum(np.exp(logprobs), axis=1, dtype=np.float64)
    cumulative /= cumulative[:, -1:]
    cumulative *= float(1 << THRESHOLD_BITS)
    return cumulative.astype(np.int64)
