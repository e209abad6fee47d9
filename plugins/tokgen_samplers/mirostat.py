"""Mirostat: truncation that steers the surprisal of what is drawn towards a target."""

from __future__ import annotations

import math

import numpy as np

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext


class Mirostat(Sampler):
    """Remove tokens more surprising than mu, which each drawn token moves towards the target.

    Mirostat 2.0 (Basu et al. 2021, arXiv 2007.14966), in bits as there: mu begins at 2 * tau; a
    token drawn with surprisal s moves it by -eta * (s - tau). So mu is a function of what was drawn
    and of nothing else. s is the surprisal under the distribution that the token was drawn from, at
    the end of the whole chain, as in llama.cpp. The most probable token always stays. Neutral:
    none. With 27 symbols a surprisal seldom passes 5 bits, which is the customary tau for the large
    vocabularies of subwords.
    """

    needs = "history"

    class Options(PluginOptions):
        """Options of `mirostat`."""

        tau: float = Field(gt=0, description="target surprisal, bits per token")
        eta: float = Field(
            default=0.1, ge=0, description="how fast the bound mu follows the target"
        )

    options: Options

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is more surprising than mu."""
        mu = mu_after(context.surprisal_drawn / math.log(2), self.options.tau, self.options.eta)
        return apply_surprisal_limit(logprobs, mu * math.log(2))


def mu_after(surprisals: Floats, tau: float, eta: float) -> Floats:
    """Mu (B, 1) after tokens with these surprisals (B, n), all in bits."""
    moved: Floats = (surprisals - tau).sum(axis=1, keepdims=True)
    return 2 * tau - eta * moved


def apply_surprisal_limit(logprobs: Floats, limit: Floats) -> Floats:
    """Log-probabilities (B, V) with all more surprising than the limit (B, 1), nats, at -inf."""
    keep = (-logprobs <= limit) | (logprobs == logprobs.max(axis=-1, keepdims=True))
    return np.where(keep, logprobs, -np.inf)
