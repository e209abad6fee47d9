"""Small samplers that keep every clause in ways that a careless check would call wrong."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tokgen.errors import RequestError
from tokgen.plugin_api import Branches, Field, PluginOptions, Sampler


class Cooling(Sampler):
    """Its temperature falls with the position, to one half at the last that counts."""

    needs = "position"

    class Options(PluginOptions):
        """Options of `cooling`."""

        steps: int = Field(default=4, ge=1, description="tokens until it is coolest")

    @property
    def constant_after(self):
        return self.options.steps

    def apply(self, logprobs, context):
        passed = np.minimum(context.position, self.options.steps) / self.options.steps
        return (logprobs - logprobs.max(axis=1, keepdims=True)) / (1 - passed / 2)[:, None]


class Forever(Sampler):
    """It changes at every position without an end, and says so."""

    needs = "position"

    def apply(self, logprobs, context):
        return logprobs / (1 + context.position[:, None])


class Remembers(Sampler):
    """Tokens that were drawn become less probable; what was given before does not count."""

    needs = "history"

    class Options(PluginOptions):
        """Options of `remembers`."""

        penalty: float = Field(default=0.0, ge=0, description="nats off for each time")

    neutral = Options(penalty=0)

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row in range(len(logprobs)):
            drawn = context.ids[row][int(context.start[row]) :]
            counts = np.bincount(np.array(drawn, dtype=np.int64), minlength=logprobs.shape[1])
            changed[row] -= self.options.penalty * counts
        return changed - changed.max(axis=1, keepdims=True)


class Coin(Sampler):
    """By chance the best token alone remains; at the bounds one branch has no weight."""

    class Options(PluginOptions):
        """Options of `coin`."""

        probability: float = Field(default=0.3, ge=0, le=1, description="of the best token alone")

    neutral = Options(probability=0)

    def apply(self, logprobs, context):
        first = np.arange(logprobs.shape[1]) == logprobs.argmax(axis=1)[:, None]
        alone = np.where(first, 0.0, -np.inf)
        return Branches((self.options.probability, alone), (1 - self.options.probability, logprobs))


class WithoutSymbol(Sampler):
    """It refuses, in a sentence for the user, a vocabulary that lacks the symbol."""

    class Options(PluginOptions):
        """Options of `without_symbol`."""

        symbol: str = Field(min_length=1, description="what never comes where else can")

    def apply(self, logprobs, context):
        if self.options.symbol not in context.vocabulary.symbols:
            raise RequestError(f"There is no token {self.options.symbol!r}.")
        kept = logprobs.copy()
        kept[:, context.vocabulary.id_of(self.options.symbol)] = -np.inf
        return np.where((kept > -np.inf).any(axis=1, keepdims=True), kept, logprobs)


class MasksItsNan(Sampler):
    """It keeps the upper half of the rank of each probability; where all are equal it keeps all."""

    def apply(self, logprobs, context):
        p = np.exp(logprobs)
        lowest, highest = p.min(axis=1, keepdims=True), p.max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            height = (p - lowest) / (highest - lowest)
        return np.where((height >= 0.5) | (highest == lowest), logprobs, -np.inf)


class LazyTable(Sampler):
    """It computes a number when it first needs it; its rows are not normalised."""

    @cached_property
    def _factor(self):
        return np.sqrt(2.0)

    def apply(self, logprobs, context):
        return logprobs * self._factor + logprobs.max()


class Warm(Sampler):
    """It is a temperature, of an option that it calls otherwise, and divides without more ado."""

    class Options(PluginOptions):
        """Options of `warm`."""

        heat: float = Field(default=1.5, ge=0.5, le=4, description="the temperature")

    @property
    def as_temperature(self):
        return self.options.heat

    def apply(self, logprobs, context):
        return logprobs / self.options.heat


class Tilting(Sampler):
    """Its option t is no temperature."""

    class Options(PluginOptions):
        """Options of `tilting`."""

        t: float = Field(default=0.1, ge=0, le=1, description="how much is taken off each next id")

    def apply(self, logprobs, context):
        return logprobs - self.options.t * np.arange(logprobs.shape[1])
