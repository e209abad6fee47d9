"""Dynamic temperature: a sure model is sharpened, an unsure one is flattened, or the other way."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext
from tokgen_samplers.information import entropy
from tokgen_samplers.temperature import apply_greedy


class DynamicTemperature(Sampler):
    """Temperature between low and high, by the row's entropy beside the highest possible.

    t = low + (high - low) * (H / ln n)^exponent, where n tokens remain; as in llama.cpp and
    text-generation-webui, whose ln n is that of the tokens left by the samplers before. A row with
    t = 0 becomes greedy. Neutral: low = 1, high = 1.
    """

    class Options(PluginOptions):
        """Options of `dynamic_temperature`."""

        low: float = Field(ge=0, description="temperature where the model is sure")
        high: float = Field(ge=0, description="temperature where all tokens are alike")
        exponent: float = Field(
            default=1.0, gt=0, description="exponent of the entropy; 1 is linear"
        )

    options: Options

    neutral = Options(low=1, high=1)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Divide each row by its own temperature."""
        options = self.options
        return apply_dynamic_temperature(logprobs, options.low, options.high, options.exponent)


def apply_dynamic_temperature(logprobs: Floats, low: float, high: float, exponent: float) -> Floats:
    """Log-probabilities (B, V), each row divided by its temperature, not normalised."""
    if low == high == 1:
        return logprobs
    remaining = (logprobs > -np.inf).sum(axis=-1, keepdims=True)
    # A single token has no entropy, and needs none.
    share = entropy(logprobs) / np.log(np.maximum(remaining, 2))
    temperatures = low + (high - low) * np.clip(share, 0, 1) ** exponent
    greedy = temperatures == 0
    peaks = logprobs.max(axis=-1, keepdims=True)
    divided = (logprobs - peaks) / np.where(greedy, 1.0, temperatures)
    return np.where(greedy, apply_greedy(logprobs), divided)
