"""Penalties: tokens that stand before become less probable.

Which tokens count follows Hugging Face and vLLM: the repetition penalty reads the prefix too, the
frequency and presence penalties what was drawn alone; the option `prefix` changes it.
"""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext
from tokgen_samplers.counted import counts


class RepetitionPenalty(Sampler):
    """Multiply the log-probability of each token that stands before by the penalty.

    CTRL (Keskar et al. 2019). There, and in transformers, a positive logit is divided and a
    negative one multiplied; a log-probability is never positive. On normalised rows the penalty is
    therefore the stronger the less probable a token is. Neutral: penalty = 1.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `repetition_penalty`."""

        penalty: float = Field(gt=0, description="above 1 makes repetitions less probable")
        prefix: bool = Field(default=True, description="whether the prefix counts too")

    options: Options

    neutral = Options(penalty=1)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Multiply what stands before."""
        seen = counts(context, prefix=self.options.prefix) > 0
        return np.where(seen & (logprobs < 0), logprobs * self.options.penalty, logprobs)


class FrequencyPenalty(Sampler):
    """Take the penalty from the log-probability of a token, once for each time it was drawn.

    logprob - penalty * count, as OpenAI's API and vLLM define it for logits; a shift of all logits
    does not matter to it. Neutral: penalty = 0.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `frequency_penalty`."""

        penalty: float = Field(
            description="nats subtracted for each occurrence; below 0 encourages repetition"
        )
        prefix: bool = Field(default=False, description="whether the prefix counts too")

    options: Options

    neutral = Options(penalty=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Subtract by count."""
        return logprobs - self.options.penalty * counts(context, prefix=self.options.prefix)


class PresencePenalty(Sampler):
    """Take the penalty from the log-probability of each token that was drawn, however often.

    logprob - penalty, as OpenAI's API and vLLM define it for logits. Neutral: penalty = 0.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `presence_penalty`."""

        penalty: float = Field(
            description="nats subtracted after one occurrence; below 0 encourages repetition"
        )
        prefix: bool = Field(default=False, description="whether the prefix counts too")

    options: Options

    neutral = Options(penalty=0)

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Subtract where a token was drawn."""
        return logprobs - self.options.penalty * (counts(context, prefix=self.options.prefix) > 0)
