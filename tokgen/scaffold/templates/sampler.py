"""mix-uniform: a sampler that gives improbable tokens a chance.

It mixes each distribution with the uniform distribution over the tokens that remain.
A small share makes rare tokens possible and hardly changes the frequent ones.
"""

import numpy as np
from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext


class MixUniform(Sampler):
    """Mix the distribution with the uniform one over the tokens that remain."""

    class Options(PluginOptions):
        """Options of `mix-uniform`; users write `mix-uniform:share=0.2`."""

        share: float = Field(  # its type, default and bounds are checked for you
            default=0.1, ge=0, le=1, description="weight of the uniform distribution"
        )

    # With "position", `context.position` (B,) is there; with "history" also `context.ids[row]`, the
    # list of the ids before this token, and what else `SamplingContext` names.
    needs = "distribution"
    neutral = Options(share=0)  # the options that change nothing; remove it if there are none

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Log-probabilities (B, V) -> (B, V), nats; the rows need not sum to one afterwards.

        Draw nothing here: where chance decides, return `Branches` of what it may make. Write into
        no argument and keep nothing on `self`.
        """
        share = self.options.share
        remains = logprobs > -np.inf  # (B, V): an earlier sampler may have removed tokens
        uniform = remains / remains.sum(axis=1, keepdims=True)  # each row by itself
        with np.errstate(divide="ignore"):  # log 0 = -inf is meant: such a token is removed
            parts = np.log1p(-share) + logprobs, np.log(share * uniform)
        return np.logaddexp(*parts)  # at least one token of each row must stay above -inf
