"""Temperature and its limit, greedy. Nothing here removes a token, but for the limit t = 0."""

from __future__ import annotations

import math

import numpy as np
from pydantic import ConfigDict, Field

from tokgen.plugin_api import Floats, PluginOptions, Sampler, SamplingContext


class Greedy(Sampler):
    """All probability on the most probable token; of equals, the one with the lowest id.

    As transformers' `do_sample=False` and llama.cpp's greedy sampler.
    """

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Keep the first maximum of each row."""
        return apply_greedy(logprobs)


class Temperature(Sampler):
    """Divide log-probabilities by t: below 1 the likely grows likelier, above 1 all grow alike.

    t = 0 is greedy, as in llama.cpp (transformers' warper refuses it); t = inf is uniform over
    what remains. In between both define it alike (Ackley, Hinton & Sejnowski 1985).
    """

    class Options(PluginOptions):
        """Options of `temperature`."""

        model_config = ConfigDict(allow_inf_nan=True)

        t: float = Field(
            default=1.0,
            ge=0,
            description="temperature: 0 is greedy, 1 changes nothing, inf is uniform",
        )

    options: Options

    neutral = Options(t=1)

    @property
    def as_temperature(self) -> float:
        """Its option t."""
        return self.options.t

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Divide each row by t."""
        return apply_temperature(logprobs, self.options.t)


def apply_greedy(logprobs: Floats) -> Floats:
    """Log-probabilities (B, V) with all mass on each row's first maximum."""
    winners = logprobs.argmax(axis=-1, keepdims=True)
    reshaped = np.full_like(logprobs, -np.inf)
    np.put_along_axis(reshaped, winners, 0.0, axis=-1)
    return reshaped


def apply_temperature(logprobs: Floats, t: float) -> Floats:
    """Log-probabilities (B, V) divided by t, not normalised; -inf stays -inf."""
    if t == 0:
        return apply_greedy(logprobs)
    if math.isinf(t):
        return np.where(logprobs > -np.inf, 0.0, -np.inf)
    # The peak is subtracted first, so that a tiny t cannot push every token to -inf.
    return (logprobs - logprobs.max(axis=-1, keepdims=True)) / t
