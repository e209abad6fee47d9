"""Blending of all contexts of a prefix into one distribution: escape method C with exclusion."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Floats, Ints


def blended(counts: Ints, possible: np.ndarray) -> Floats:
    """Probabilities (B, V) from counts (B, K, V), the shortest context first.

    In a context that n tokens followed, q of them different, a token that followed c times has
    c / (n + q), and q / (n + q) goes to the next shorter context (method C: Moffat 1990), where
    what a longer one has counted is left out (exclusion: Cleary & Witten 1984). Below the empty
    context all `possible` tokens (V,) that are left are alike. Where no token is left for a shorter
    context, nothing escapes.
    """
    rows, contexts, size = counts.shape
    probabilities = np.zeros((rows, size))
    escaped = np.ones(rows)
    left = np.repeat(possible[None], rows, axis=0)
    for order in reversed(range(contexts)):
        counted = counts[:, order] * left
        seen = counted > 0
        total, different = counted.sum(axis=1), seen.sum(axis=1)
        left = left & ~seen
        escapes = np.where(left.any(axis=1), different, 0)
        divisor = np.maximum(total + escapes, 1)
        probabilities += (escaped / divisor)[:, None] * counted
        escaped = np.where(different > 0, escaped * (escapes / divisor), escaped)
    even = escaped / np.maximum(left.sum(axis=1), 1)
    return probabilities + even[:, None] * left


def without_longer_than_deterministic(counts: Ints) -> Ints:
    """The counts (B, K, V) without contexts longer than the shortest that one token alone follows.

    PPM* begins there (Cleary, Teahan & Witten 1995): longer ones only repeat what it says.
    """
    one_alone = (counts > 0).sum(axis=2) == 1
    longer = np.cumsum(one_alone, axis=1) - one_alone > 0
    return np.where(longer[:, :, None], 0, counts)
