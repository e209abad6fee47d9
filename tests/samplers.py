"""Small samplers of the three kinds that need more than a distribution, for tests.

Each is the idea of a known one, no more: Mirostat (Basu et al. 2021) steers by the surprisals of
what was drawn, DRY by the ids, XTC by a coin.
"""

from __future__ import annotations

import itertools

import numpy as np

from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.plugin_api import Branches, PluginOptions, Sampler

TARGET, RATE = 1.2, 0.6
PENALTY = 1.5
THRESHOLD = 0.15


class MirostatLike(Sampler):
    """Removes what is more surprising than a limit, which the drawn surprisals move."""

    needs = "history"

    def apply(self, logprobs, context):
        moved = (context.surprisal_drawn - TARGET).sum(axis=1, keepdims=True)
        limit = np.maximum(2 * TARGET - RATE * moved, -logprobs.max(axis=1, keepdims=True))
        return np.where(-logprobs <= limit, logprobs, -np.inf)


class DryLike(Sampler):
    """Makes a pair of tokens that was drawn before less probable, each time it was."""

    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row in range(len(logprobs)):
            drawn = context.ids[row][int(context.start[row]) :]
            for first, second in itertools.pairwise(drawn):
                if first == drawn[-1]:
                    changed[row, second] -= PENALTY
        return changed


class XtcLike(Sampler):
    """With the probability one half the most probable token goes, where a second is probable."""

    def apply(self, logprobs, context):
        without = logprobs.copy()
        without[np.arange(len(logprobs)), logprobs.argmax(axis=1)] = -np.inf
        alone = without.max(axis=1) < np.log(THRESHOLD)
        without[alone] = logprobs[alone]
        return Branches((0.5, without), (0.5, logprobs))


def chain_of(*samplers):
    """A chain of samplers without options, under the names of their classes."""
    made = (sampler(PluginOptions()) for sampler in samplers)
    return SamplerChain(tuple(ChainedSampler(type(each).__name__, each) for each in made))


CHAINS = {
    "none": chain_of(),
    "mirostat": chain_of(MirostatLike),
    "dry": chain_of(DryLike),
    "xtc": chain_of(XtcLike),
    "all": chain_of(DryLike, XtcLike, MirostatLike),
}
