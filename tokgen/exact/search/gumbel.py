"""Gumbel noise over the tree of documents: what turns searching for the best into sampling.

Add independent Gumbel noise to the log-probability of every document: the largest sum belongs to a
sample, and the order of the sums is that of sampling without replacement (Yellott 1977; Vieira
2014). The largest sum below a prefix is a Gumbel variable too, drawn before anything below it is
looked at (Maddison, Tarlow & Minka 2014, "A* sampling").

The noise of a prefix follows from the key at the beginning and its tokens alone, by a splittable
generator (Steele, Lea & Flood 2014), so that no order of looking at prefixes changes a document.
"""

from __future__ import annotations

import numpy as np

from tokgen import rng
from tokgen.arrays import Floats, Ints

# Lanes of the seed law belong to the samplers of a chain; no chain is as long as this.
LANE = 1 << 32


def beginnings(seed: int, sequences: Ints) -> tuple[rng.Words, Floats]:
    """For each sequence (B,) the key of its noise, and the largest perturbed sum of all."""
    keys = rng.words(seed, 0, sequences, LANE)
    return keys, _gumbels(rng.split(keys, 1)[:, 0])


def children(sums: Floats, logprobs: Floats, keys: rng.Words) -> Floats:
    """The largest perturbed sum (B, V) below each child of the prefixes.

    Shapes: `sums` (B,) the prefixes' own, `logprobs` (B, V) of the children, nats, from the
    document's beginning on, `keys` (B,). The largest of a row is its prefix's own sum: Gumbel
    variables given their maximum (Kool, van Hoof & Welling 2019, appendix B.3).
    """
    size = logprobs.shape[1]
    perturbed = logprobs + _gumbels(rng.split(keys, 1 + size)[:, 1:])
    peaks = perturbed.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        gaps = np.log1p(-np.exp(perturbed - peaks))
    shifted = sums[:, None] - perturbed + gaps
    given: Floats = sums[:, None] - np.maximum(shifted, 0.0) - np.log1p(np.exp(-np.abs(shifted)))
    return given


def keys_of_children(keys: rng.Words, tokens: Ints, size: int) -> rng.Words:
    """The keys (B,) after one token more each; `size` is that of the vocabulary."""
    return rng.words_after(keys, 1 + size + tokens)


def _gumbels(words: rng.Words) -> Floats:
    """Standard Gumbel variables, one for each word."""
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    noise: Floats = -np.log(-np.log(uniform))
    return noise
