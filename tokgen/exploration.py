"""What can be said of a model without a window, from its likeliest prefixes, length by length.

The mass that was not looked at is told, so that every figure is a bound: this much at least, and
at most that mass more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.errors import RequestError
from tokgen.model import Floats, Ints, LanguageModel, Prefixes
from tokgen.sampler import SamplerChain

LONGEST = 256
NEGLIGIBLE = 1e-4


@dataclass(frozen=True)
class Explored:
    """Mass by number of tokens of the documents looked at, and the mass of all others."""

    lengths: dict[int, float]
    unexplored: float


def explore(
    model: LanguageModel, samplers: SamplerChain, prefix: list[int], width: int
) -> Explored:
    """Look at the `width` most probable prefixes of each length.

    Raises:
        RequestError: a sampler needs more than the distribution.
    """
    if not samplers.needs_distribution_alone:
        raise RequestError("A sampler of the chain needs more than the distribution.")
    end, size = model.vocabulary.terminator_id, model.vocabulary.size
    decoder = model.decoder(Prefixes.of([prefix]))
    masses, lengths, left = np.ones(1), {}, 0.0
    for length in range(LONGEST):
        following = masses[:, None] * np.exp(samplers.apply(decoder.logprobs()))  # (B, V)
        lengths[length] = float(following[:, end].sum())
        following[:, end] = 0.0
        branches = following.ravel()
        kept = _largest(branches, width)
        left += float(branches.sum() - branches[kept].sum())
        masses = branches[kept]
        if masses.sum() < NEGLIGIBLE:
            break
        decoder.advance(kept // size, kept % size)
    return Explored({n: mass for n, mass in lengths.items() if mass > 0}, left + masses.sum())


def _largest(values: Floats, count: int) -> Ints:
    """Where the largest positive values stand, at most `count` of them, in order of place."""
    positive = np.flatnonzero(values > 0)
    if len(positive) > count:
        positive = positive[np.argpartition(values[positive], -count)[-count:]]
    return np.sort(positive)
