"""Samplers that favour or remove tokens by name, and one that keeps a document from ending."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokgen.plugin_api import Field, Floats, PluginOptions, Sampler, SamplingContext


class LogitBias(Sampler):
    """Add a number to the log-probability of each token named.

    As OpenAI's API and llama.cpp define it for logits, whose tokens are numbers; here they are the
    symbols of the vocabulary. The bias is in nats; a shift of all logits does not matter to it. It
    is written as JSON: logit_bias:{"bias": {"a": 1.5, "-": -2}}. Neutral: bias = {}.
    """

    class Options(PluginOptions):
        """Options of `logit_bias`."""

        bias: dict[str, float] = Field(description="symbol: nats added to its log-probability")

    options: Options

    neutral = Options(bias={})

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Add the bias to each row."""
        added = np.zeros(logprobs.shape[1])
        for symbol, bias in self.options.bias.items():
            added[context.vocabulary.id_of(symbol)] = bias
        return logprobs + added


class Ban(Sampler):
    """Remove each token that holds one of these letters, or that is named.

    The others share what it had, step by step (vLLM and transformers call it bad words). That is
    another thing than the condition --exclude, which keeps the proportions of whole documents. The
    terminator can be removed by name alone. Where no other token is possible the row stays as it
    is. Neutral: letters = "", tokens = [].
    """

    class Options(PluginOptions):
        """Options of `ban`."""

        letters: str = Field(default="", description="characters that no token may hold")
        tokens: tuple[str, ...] = Field(
            default=(), description="symbols of tokens that are removed"
        )

    options: Options

    neutral = Options()

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove what is banned."""
        vocabulary, letters = context.vocabulary, set(self.options.letters)
        banned = np.array([bool(letters & set(symbol)) for symbol in vocabulary.symbols])
        banned[vocabulary.terminator_id] = False
        banned[[vocabulary.id_of(symbol) for symbol in self.options.tokens]] = True
        return apply_ban(logprobs, banned[None])


class MinLength(Sampler):
    """Remove the terminator until n tokens are drawn.

    transformers' MinNewTokensLength: the prefix does not count. Where no other token is possible
    the row stays as it is. Neutral: n = 0.
    """

    needs = "position"

    class Options(PluginOptions):
        """Options of `min_length`."""

        n: int = Field(ge=0, description="tokens that are drawn before a document may end")

    options: Options

    neutral = Options(n=0)

    @property
    def constant_after(self) -> int:
        """After n tokens it changes nothing more."""
        return self.options.n

    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """Remove the terminator where a document is too short to end."""
        terminator = np.arange(logprobs.shape[1]) == context.vocabulary.terminator_id
        return apply_ban(logprobs, (context.position < self.options.n)[:, None] & terminator)


def apply_ban(logprobs: Floats, banned: NDArray[np.bool_]) -> Floats:
    """Log-probabilities (B, V) with all banned at -inf; rows of nothing else stay as they are."""
    kept = np.where(banned, -np.inf, logprobs)
    some_left = (kept > -np.inf).any(axis=-1, keepdims=True)
    return np.where(some_left, kept, logprobs)
