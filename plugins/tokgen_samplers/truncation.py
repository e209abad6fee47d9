"""Truncation: samplers that remove tokens and leave the proportions of the others.

Each is a pure function `apply_…` on normalised log-probabilities (B, V) and a `Sampler` around it.
"""

from __future__ import annotations

import math

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext


class TopK(Sampler):
    """Keep the k most probable tokens (Fan, Lewis & Dauphin 2018).

    Exactly k, ties broken by id, as in llama.cpp; transformers keeps every token that ties with
    the k-th.
    """

    class Options(PluginOptions):
        """Options of `top_k`."""

        k: int = Field(ge=1, description="how many tokens to keep")

    options: Options

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove all but k tokens of each row."""
        return apply_top_k(logprobs, self.options.k)


class TopP(Sampler):
    """Keep the nucleus: the fewest most probable tokens whose probabilities reach p.

    Holtzman et al. 2020. The token that crosses p is kept, so one always remains, as in both
    transformers and llama.cpp; ties are broken by id.
    """

    class Options(PluginOptions):
        """Options of `top_p`."""

        p: float = Field(gt=0, le=1, description="probability that the kept tokens must reach")

    options: Options

    neutral = Options(p=1)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what lies outside the nucleus of each row."""
        return apply_top_p(logprobs, self.options.p)


class MinP(Sampler):
    """Keep tokens at least p times as probable as the most probable one (Nguyen et al. 2024).

    A token exactly at the bound is kept, as in transformers and llama.cpp.
    """

    class Options(PluginOptions):
        """Options of `min_p`."""

        p: float = Field(ge=0, le=1, description="bound as a share of the highest probability")

    options: Options

    neutral = Options(p=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too improbable beside the row's best."""
        return apply_min_p(logprobs, self.options.p)


def apply_top_k(logprobs: Floats, k: int) -> Floats:
    """Log-probabilities (B, V) with all but the k highest of each row at -inf."""
    if k >= logprobs.shape[-1]:
        return logprobs
    removed = _by_probability(logprobs)[..., k:]
    reshaped = logprobs.copy()
    np.put_along_axis(reshaped, removed, -np.inf, axis=-1)
    return reshaped


def apply_top_p(logprobs: Floats, p: float) -> Floats:
    """Log-probabilities (B, V) with all outside the nucleus at -inf."""
    if p == 1:
        return logprobs
    order = _by_probability(logprobs)
    probabilities = np.exp(np.take_along_axis(logprobs, order, axis=-1))
    before = np.cumsum(probabilities, axis=-1) - probabilities
    keep = np.empty(logprobs.shape, dtype=bool)
    np.put_along_axis(keep, order, before < p, axis=-1)
    return np.where(keep, logprobs, -np.inf)


def apply_min_p(logprobs: Floats, p: float) -> Floats:
    """Log-probabilities (B, V) with all below p times the highest at -inf."""
    if p == 0:
        return logprobs
    bound = logprobs.max(axis=-1, keepdims=True) + math.log(p)
    return np.where(logprobs >= bound, logprobs, -np.inf)


def _by_probability(logprobs: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.argsort(-logprobs, axis=-1, kind="stable")
