"""Truncation by information: what is kept depends on the entropy or the spread of the distribution.

Each is a pure function `apply_…` on normalised log-probabilities (B, V) and a `Sampler` around it.
Entropies and surprisals are in nats. At least the most probable token, or of `typical_p` the most
typical one, always remains.
"""

from __future__ import annotations

import math

import numpy as np
from pydantic import ConfigDict

from tokgen.plugin_api import Field, Floats, Ints, PluginOptions, Sampler, SamplingContext


class TypicalP(Sampler):
    """Keep the tokens whose surprisal is nearest to the entropy, until they hold p.

    Locally typical sampling (Meister et al. 2023): tokens in the order of |-ln P(token) - H|, the
    one that crosses p included. transformers keeps all tokens that are as near as the last one;
    here ties are broken by id. The most probable token may be removed. Neutral: p = 1.
    """

    class Options(PluginOptions):
        """Options of `typical_p`."""

        p: float = Field(gt=0, le=1, description="probability that the kept tokens must reach")

    options: Options

    neutral = Options(p=1)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too surprising, or not surprising enough."""
        return apply_typical_p(logprobs, self.options.p)


class EpsilonCutoff(Sampler):
    """Remove tokens with a probability below epsilon (Hewitt, Manning & Liang 2022).

    As in transformers; a token exactly at epsilon stays. Neutral: epsilon = 0.
    """

    class Options(PluginOptions):
        """Options of `epsilon_cutoff`."""

        epsilon: float = Field(ge=0, lt=1, description="lowest probability that is kept")

    options: Options

    neutral = Options(epsilon=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too improbable."""
        return apply_epsilon_cutoff(logprobs, self.options.epsilon)


class EtaCutoff(Sampler):
    """Remove tokens below min(epsilon, sqrt(epsilon) * exp(-H)) (Hewitt, Manning & Liang 2022).

    Where the entropy H is high, all tokens are improbable, and the bound is lower. As in
    transformers. Neutral: epsilon = 0.
    """

    class Options(PluginOptions):
        """Options of `eta_cutoff`."""

        epsilon: float = Field(
            ge=0, lt=1, description="highest probability that the bound may have"
        )

    options: Options

    neutral = Options(epsilon=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too improbable for so much entropy."""
        return apply_eta_cutoff(logprobs, self.options.epsilon)


class TopNSigma(Sampler):
    """Keep tokens whose logit is within n standard deviations of the highest (Tang et al. 2024).

    arXiv 2411.07641. A shift of all logits changes neither their differences nor their standard
    deviation, so that normalised rows give the same as logits. As in llama.cpp the deviation is
    that of the tokens that remain, divided by their number. Neutral: n = inf.
    """

    class Options(PluginOptions):
        """Options of `top_n_sigma`."""

        model_config = ConfigDict(allow_inf_nan=True)

        n: float = Field(gt=0, description="standard deviations below the highest; inf keeps all")

    options: Options

    neutral = Options(n=math.inf)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too far below the row's best."""
        return apply_top_n_sigma(logprobs, self.options.n)


class TopH(Sampler):
    """Keep the most probable tokens while their share of the entropy is at most h.

    Top-H decoding (Potraghloo et al. 2025, arXiv 2509.02510), as transformers computes it: the
    terms -P ln P are summed from the most probable token on, as long as the sum is at most h * H.
    transformers looks at the 100 most probable tokens alone, and takes H from these. Neutral: none,
    since rounding may remove the last token at h = 1.
    """

    class Options(PluginOptions):
        """Options of `top_h`."""

        h: float = Field(gt=0, le=1, description="share of the entropy that the kept tokens have")

    options: Options

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what would bring too much entropy."""
        return apply_top_h(logprobs, self.options.h)


class TopA(Sampler):
    """Keep tokens with a probability of at least a * (highest probability)^2.

    As text-generation-webui and KoboldAI define it; a token exactly at the bound stays. The surer
    the model, the more is removed. Neutral: a = 0.
    """

    class Options(PluginOptions):
        """Options of `top_a`."""

        a: float = Field(
            ge=0, le=1, description="bound as a share of the square of the highest probability"
        )

    options: Options

    neutral = Options(a=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is too improbable beside the square of the row's best."""
        return apply_top_a(logprobs, self.options.a)


def entropy(logprobs: Floats) -> Floats:
    """The entropy (B, 1) of each row, nats."""
    finite = np.where(logprobs > -np.inf, logprobs, 0.0)
    total: Floats = -(np.exp(logprobs) * finite).sum(axis=-1, keepdims=True)
    return total


def apply_typical_p(logprobs: Floats, p: float) -> Floats:
    """Log-probabilities (B, V) with all but the most typical tokens at -inf."""
    if p == 1:
        return logprobs
    distance = np.abs(-logprobs - entropy(logprobs))
    order = np.argsort(distance, axis=-1, kind="stable")
    probabilities = np.exp(np.take_along_axis(logprobs, order, axis=-1))
    before = np.cumsum(probabilities, axis=-1) - probabilities
    return _kept(logprobs, order, before < p)


def apply_epsilon_cutoff(logprobs: Floats, epsilon: float) -> Floats:
    """Log-probabilities (B, V) with all below epsilon at -inf, but for the best."""
    if epsilon == 0:
        return logprobs
    return _at_least(logprobs, np.full((len(logprobs), 1), math.log(epsilon)))


def apply_eta_cutoff(logprobs: Floats, epsilon: float) -> Floats:
    """Log-probabilities (B, V) with all below eta at -inf, but for the best."""
    if epsilon == 0:
        return logprobs
    bound = np.minimum(math.log(epsilon), 0.5 * math.log(epsilon) - entropy(logprobs))
    return _at_least(logprobs, bound)


def apply_top_n_sigma(logprobs: Floats, n: float) -> Floats:
    """Log-probabilities (B, V) with all too far below the highest at -inf."""
    if math.isinf(n):
        return logprobs
    remains = logprobs > -np.inf
    count = remains.sum(axis=-1, keepdims=True)
    finite = np.where(remains, logprobs, 0.0)
    deviation = np.where(remains, finite - finite.sum(axis=-1, keepdims=True) / count, 0.0)
    sigma = np.sqrt((deviation**2).sum(axis=-1, keepdims=True) / count)
    return _at_least(logprobs, logprobs.max(axis=-1, keepdims=True) - n * sigma)


def apply_top_h(logprobs: Floats, h: float) -> Floats:
    """Log-probabilities (B, V) with all at -inf that would bring more than h of the entropy."""
    order = np.argsort(-logprobs, axis=-1, kind="stable")
    ordered = np.take_along_axis(logprobs, order, axis=-1)
    terms = -np.exp(ordered) * np.where(ordered > -np.inf, ordered, 0.0)
    keep = np.cumsum(terms, axis=-1) <= h * entropy(logprobs)
    keep[:, 0] = True
    return _kept(logprobs, order, keep)


def apply_top_a(logprobs: Floats, a: float) -> Floats:
    """Log-probabilities (B, V) with all below a times the square of the highest at -inf."""
    if a == 0:
        return logprobs
    return _at_least(logprobs, 2 * logprobs.max(axis=-1, keepdims=True) + math.log(a))


def _at_least(logprobs: Floats, bound: Floats) -> Floats:
    """The rows with all below the bound (B, 1) at -inf, but for the highest."""
    keep = (logprobs >= bound) | (logprobs == logprobs.max(axis=-1, keepdims=True))
    return np.where(keep, logprobs, -np.inf)


def _kept(
    logprobs: Floats, order: Ints, keep: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> Floats:
    """The rows with all at -inf that `keep` (B, V), given in this order (B, V), leaves out."""
    in_place = np.empty_like(keep)
    np.put_along_axis(in_place, order, keep, axis=-1)
    return np.where(in_place, logprobs, -np.inf)
