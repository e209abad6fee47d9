"""XTC: exclude top choices, with a chance."""

from __future__ import annotations

import math

import numpy as np

from tokgen.plugin_api import Branches, Field, Floats, PluginOptions, Sampler, SamplingContext


class XTC(Sampler):
    """With this probability, remove all tokens that reach the threshold, but the least of them.

    As llama.cpp and text-generation-webui define it; they flip a coin at each token, and here both
    outcomes are kept with their probabilities, so that the distribution can be shown. Where fewer
    than two tokens reach the threshold, nothing is removed; above 0.5 no two can. Of tokens with
    equal probabilities the one with the highest id is the least. Neutral: probability = 0.
    """

    class Options(PluginOptions):
        """Options of `xtc`."""

        probability: float = Field(
            ge=0, le=1, description="probability that the top choices are removed"
        )
        threshold: float = Field(
            default=0.1, gt=0, le=1, description="probability that makes a token a top choice"
        )

    options: Options

    neutral = Options(probability=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats | Branches:
        """Both outcomes of the coin, unless it is certain."""
        probability = self.options.probability
        if probability == 0:
            return logprobs
        without = apply_xtc(logprobs, self.options.threshold)
        if probability == 1:
            return without
        return Branches((probability, without), (1 - probability, logprobs))


def apply_xtc(logprobs: Floats, threshold: float) -> Floats:
    """Log-probabilities (B, V) with all top choices but the least of each row at -inf."""
    top = logprobs >= math.log(threshold)
    least = np.where(top, logprobs, np.inf)[:, ::-1].argmin(axis=-1)
    rows, last = np.arange(len(logprobs)), logprobs.shape[1] - 1
    removed = top.copy()
    removed[rows, last - least] = False
    return np.where(removed, -np.inf, logprobs)
