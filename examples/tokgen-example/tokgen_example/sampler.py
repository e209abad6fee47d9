"""A sampler: a share of the probability is spread evenly over all tokens that are possible."""

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext


class MixedUniform(Sampler):
    """p becomes (1 - share) p + share / n over the n possible tokens."""

    class Options(PluginOptions):
        """Options of `mixed_uniform`."""

        share: float = Field(default=0.1, ge=0, le=1, description="what is spread evenly")

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Mix each row with the uniform distribution over its possible tokens."""
        possible = logprobs > -np.inf
        even = possible / possible.sum(axis=-1, keepdims=True)
        mixed = (1 - self.options.share) * np.exp(logprobs) + self.options.share * even
        with np.errstate(divide="ignore"):
            return np.log(mixed)
