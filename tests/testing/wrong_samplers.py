"""Samplers made wrong on purpose; each says which clauses it violates."""

from __future__ import annotations

import numpy as np
import torch

from tokgen.plugin_api import Branches, Field, PluginOptions, Sampler


def only(kept, logprobs):
    return np.where(kept, logprobs, -np.inf)


def best(logprobs):
    return logprobs.max(axis=1, keepdims=True)


class Wrong(Sampler):
    """It changes nothing; what derives from it is wrong in one way."""

    def apply(self, logprobs, context):
        return logprobs


class MoreThanThereAre(Wrong):
    """It looks for the k-th token where there are fewer."""

    violates = {"applies"}

    class Options(PluginOptions):
        """Options."""

        k: int = Field(default=1, ge=1, description="tokens to keep")

    def apply(self, logprobs, context):
        last = np.partition(logprobs, -self.options.k, axis=1)[:, -self.options.k, None]
        return only(logprobs >= last, logprobs)


class DividesByItsBound(Wrong):
    """Its lowest temperature is one that it cannot divide by."""

    violates = {"applies"}

    class Options(PluginOptions):
        """Options."""

        t: float = Field(default=1.5, ge=0, description="temperature")

    def __init__(self, options):
        super().__init__(options)
        self.factor = 1 / options.t

    def apply(self, logprobs, context):
        return (logprobs - best(logprobs)) * self.factor


class WantsAnA(Wrong):
    """It looks for a symbol that not every vocabulary has."""

    violates = {"applies"}

    def apply(self, logprobs, context):
        found = context.vocabulary.symbols.index("a")
        changed = logprobs.copy()
        changed[:, found] -= 0.5
        return changed


class SinglePrecision(Wrong):
    """It computes as networks do."""

    violates = {"result-form"}

    def apply(self, logprobs, context):
        return logprobs.astype(np.float32)


class FirstRow(Wrong):
    """It was written for one row."""

    violates = {"result-form"}

    def apply(self, logprobs, context):
        return only(logprobs[0] == logprobs[0].max(), logprobs[0])


class StaysATensor(Wrong):
    """It returns what torch made."""

    violates = {"result-form"}

    def apply(self, logprobs, context):
        return torch.log_softmax(torch.tensor(logprobs), dim=1)


class NoWeights(Wrong):
    """Its branches have no weights."""

    violates = {"result-form"}

    def apply(self, logprobs, context):
        return Branches(logprobs, logprobs)


class Entropy(Wrong):
    """It forgets that 0 times -inf is NaN."""

    violates = {"finite-or-removed"}

    def apply(self, logprobs, context):
        entropy = -(np.exp(logprobs) * logprobs).sum(axis=1, keepdims=True)
        return logprobs / (1 + entropy)


class AboveItself(Wrong):
    """The best token does not pass a bound that is its own probability."""

    violates = {"leaves-a-token"}

    class Options(PluginOptions):
        """Options."""

        p: float = Field(default=0.5, gt=0, le=1, description="share of the highest probability")

    def apply(self, logprobs, context):
        return only(logprobs > best(logprobs) + np.log(self.options.p), logprobs)


class SmoothsOverAll(Wrong):
    """It gives a little to every token, those that were removed too."""

    violates = {"removed-stays-removed"}

    def apply(self, logprobs, context):
        return np.logaddexp(logprobs, np.log(0.01 / logprobs.shape[1]))


class NoLogarithm(Wrong):
    """It forgets to go back to logarithms."""

    violates = {"logs-not-probabilities"}

    def apply(self, logprobs, context):
        powers = np.exp(logprobs) ** 2
        return powers / powers.sum(axis=1, keepdims=True)


class NoLogarithmOfWhatRemains(Wrong):
    """It forgets the logarithm, and keeps what was removed at -inf."""

    violates = {"logs-not-probabilities"}

    def apply(self, logprobs, context):
        return only(logprobs > -np.inf, np.exp(logprobs))


class NoLogarithmOfWhatIsCut(Wrong):
    """It returns the probabilities of the best, and 0 for the others."""

    violates = {"logs-not-probabilities"}

    class Options(PluginOptions):
        """Options."""

        share: float = Field(default=0.9, ge=0, le=1, description="of the best, to be kept")

    def apply(self, logprobs, context):
        kept = np.exp(logprobs - best(logprobs)) >= self.options.share
        return np.where(kept, np.exp(logprobs), 0)


class CutsTheCertain(Wrong):
    """It removes what is nearly certain, even where little else is there."""

    violates = {"leaves-a-token"}

    def apply(self, logprobs, context):
        rest = only(logprobs < np.log(0.9), logprobs)
        return only(best(logprobs) < np.log(0.9), rest)


class Noisy(Wrong):
    """The sketch of `MixUniform`: the logarithm of 0 where a token is removed."""

    violates = {"quiet-arithmetic"}
    checked_with = {"share": 0.2}

    class Options(PluginOptions):
        """Options."""

        share: float = Field(ge=0, le=1, description="weight of the uniform distribution")

    def apply(self, logprobs, context):
        remains = logprobs > -np.inf
        uniform = remains / remains.sum(axis=1, keepdims=True)
        return np.log((1 - self.options.share) * np.exp(logprobs) + self.options.share * uniform)


class ZeroByZero(Wrong):
    """Tail free sampling (Bricken, https://trentbrick.github.io/Tail-Free-Sampling) as it reads.

    The curvature of equal probabilities is 0, and their share of the curvature is NaN.
    """

    violates = {"quiet-arithmetic"}

    class Options(PluginOptions):
        """Options."""

        z: float = Field(default=0.95, ge=0, le=1, description="share of the curvature to keep")

    def apply(self, logprobs, context):
        order = np.argsort(-logprobs, axis=1)
        probs = np.exp(np.take_along_axis(logprobs, order, axis=1))
        curvature = np.abs(np.diff(probs, n=2, axis=1))
        kept = np.zeros(logprobs.shape, dtype=bool)
        kept[:, 0] = True
        kept[:, 1:-1] = np.cumsum(self.shares(curvature), axis=1) <= self.options.z
        by_token = np.zeros_like(kept)
        np.put_along_axis(by_token, order, kept, axis=1)
        return only(by_token, logprobs)

    def shares(self, curvature):
        return curvature / curvature.sum(axis=1, keepdims=True)


class SilentZeroByZero(ZeroByZero):
    """It silences what was warned of, and cuts every row of equal probabilities to one token."""

    violates = {"nan-decides-nothing"}

    def shares(self, curvature):
        with np.errstate(invalid="ignore"):
            return super().shares(curvature)


class SharesMemory(Wrong):
    """Torch warns of an array that may not be written into."""

    violates = {"quiet-arithmetic"}

    def apply(self, logprobs, context):
        # Torch warns once in a process; here each time.
        torch.set_warn_always(True)
        tensor = torch.from_numpy(logprobs)
        torch.set_warn_always(False)
        return torch.log_softmax(tensor, dim=1).numpy()


class TooCertain(Wrong):
    """The weights of its branches sum to more than one."""

    violates = {"branch-weights"}

    def apply(self, logprobs, context):
        return Branches((0.7, only(logprobs == best(logprobs), logprobs)), (0.5, logprobs))


class LessThanNothing(Wrong):
    """One of its weights is negative."""

    violates = {"branch-weights"}

    def apply(self, logprobs, context):
        return Branches((1.5, logprobs), (-0.5, logprobs))


class BranchOfEachTemperature(Wrong):
    """It makes a branch of every temperature."""

    violates = {"branch-count"}

    def apply(self, logprobs, context):
        return Branches(*((1 / 17, logprobs / (1 + each)) for each in range(17)))


class InPlace(Wrong):
    """It writes into the rows."""

    violates = {"input-unharmed"}

    def apply(self, logprobs, context):
        logprobs[logprobs < best(logprobs)] = -np.inf
        return logprobs


class BranchesOfOneArray(Wrong):
    """It forgets to copy before it removes the best token in one branch."""

    violates = {"input-unharmed"}

    def apply(self, logprobs, context):
        without = logprobs
        without[logprobs < best(logprobs)] = -np.inf
        return Branches((0.5, without), (0.5, logprobs))


class MarksThePadding(Wrong):
    """It writes into the ids of the context."""

    violates = {"input-unharmed"}
    needs = "history"

    def apply(self, logprobs, context):
        ids = context.ids.ids
        ids[:] = np.where(np.arange(ids.shape[1]) < 2, -1, ids)
        return logprobs


class Jitter(Wrong):
    """It breaks ties by chance."""

    violates = {"deterministic"}

    def apply(self, logprobs, context):
        jittered = logprobs + 1e-3 * np.random.default_rng().random(logprobs.shape)
        return only(jittered == best(jittered), logprobs)


class EverySecondCall(Wrong):
    """Its class counts how often it was called."""

    violates = {"deterministic"}
    calls = 0

    def apply(self, logprobs, context):
        type(self).calls += 1
        return only(logprobs == best(logprobs), logprobs) if self.calls % 2 else logprobs


class FlipsACoin(Wrong):
    """It removes the best token by chance instead of returning branches."""

    violates = {"no-global-randomness"}

    def apply(self, logprobs, context):
        heads = np.random.random() < 0.5  # noqa: NPY002
        return only(logprobs == best(logprobs), logprobs) if heads else logprobs


class FlipsACoinOfTorch(Wrong):
    """It flips a coin of torch."""

    violates = {"no-global-randomness"}

    def apply(self, logprobs, context):
        heads = torch.rand(()).item() < 0.5
        return only(logprobs == best(logprobs), logprobs) if heads else logprobs


class SeedsEverybody(Wrong):
    """It seeds a generator that is not its own, so that its noise is the same each time."""

    violates = {"no-global-randomness"}

    def apply(self, logprobs, context):
        np.random.seed(1)  # noqa: NPY002
        return logprobs + np.random.normal()  # noqa: NPY002


class GrowsBolder(Wrong):
    """It counts its calls, instead of asking for the position."""

    violates = {"no-state"}

    def __init__(self, options):
        super().__init__(options)
        self.calls = 0

    def apply(self, logprobs, context):
        self.calls += 1
        return logprobs / self.calls


class KeepsItsLimits(Wrong):
    """It remembers what it has seen, even if it uses it for nothing yet."""

    violates = {"no-state"}

    def __init__(self, options):
        super().__init__(options)
        self.seen = []

    def apply(self, logprobs, context):
        self.seen.append(best(logprobs))
        return logprobs


class MaskOfTheFirst(Wrong):
    """It makes its mask once, for the first vocabulary that it meets."""

    violates = {"no-state"}
    mask = None

    def apply(self, logprobs, context):
        if self.mask is None:
            self.mask = np.array([symbol != "b" for symbol in context.vocabulary.symbols])
        kept = only(self.mask, logprobs)
        return np.where((kept > -np.inf).any(axis=1, keepdims=True), kept, logprobs)


class OneMaximum(Wrong):
    """It takes the maximum of all rows together."""

    violates = {"rows-independent"}

    def apply(self, logprobs, context):
        kept = logprobs > logprobs.max() - 0.1
        return only(kept | (logprobs == best(logprobs)), logprobs)


class FirstHistory(Wrong):
    """It looks at the ids of the first row only."""

    violates = {"rows-independent"}
    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        changed[:, context.ids[0]] -= 1
        return changed


class WeightOfTheFirst(Wrong):
    """The weight of its branches is a probability of the first row."""

    violates = {"rows-independent"}

    def apply(self, logprobs, context):
        weight = float(np.exp(logprobs[0, 0]))
        return Branches(
            (weight, only(logprobs == best(logprobs), logprobs)), (1 - weight, logprobs)
        )


class FasterWhenLarge(Wrong):
    """It computes large batches with half the digits."""

    violates = {"large-batches"}

    def apply(self, logprobs, context):
        if len(logprobs) <= 256:
            return logprobs * 1.1
        return (logprobs.astype(np.float32) * np.float32(1.1)).astype(np.float64)


class FailsWhenLarge(Wrong):
    """It has room for so many rows and no more."""

    violates = {"large-batches"}
    room = np.zeros((1024, 1))

    def apply(self, logprobs, context):
        return logprobs + self.room[: len(logprobs)]


class NeedsIds(Wrong):
    """It needs what there is not."""

    violates = {"known-needs"}
    needs = "ids"


class ForgotItsNeeds(Wrong):
    """It reads what it did not declare."""

    violates = {"declared-needs"}

    def apply(self, logprobs, context):
        return logprobs / (1 + context.position[:, None])


class ReadsThePast(Wrong):
    """It declares the position and reads the ids all the same."""

    violates = {"declared-needs"}
    needs = "position"

    def apply(self, logprobs, context):
        last = [ids[-1:] for ids in map(context._history.ids.__getitem__, range(len(logprobs)))]
        changed = logprobs.copy()
        for row, tokens in enumerate(last):
            changed[row, tokens] -= 1
        return changed


class NeverConstant(Wrong):
    """It goes on where it said that it would stop."""

    violates = {"constant-after"}
    needs = "position"
    constant_after = 3

    def apply(self, logprobs, context):
        return logprobs / (1 + context.position[:, None])


class OneTooEarly(Wrong):
    """It does the same from the fourth position on, and says the third."""

    violates = {"constant-after"}
    needs = "position"
    constant_after = 3

    def apply(self, logprobs, context):
        return logprobs / (1 + np.minimum(context.position, 4)[:, None])


class ConstantInBetween(Wrong):
    """Its position is no whole number."""

    violates = {"constant-after"}
    needs = "position"
    constant_after = 2.5

    def apply(self, logprobs, context):
        return logprobs / (1 + np.minimum(context.position, 2.5)[:, None])


class CountsThePadding(Wrong):
    """It punishes the ids of the whole array, those left of a row's beginning too."""

    violates = {"history-padding"}
    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row, ids in enumerate(context.ids.ids):
            changed[row, ids] -= 1
        return changed


class NotNeutral(Wrong):
    """What it calls neutral is its strongest."""

    violates = {"neutral-options"}

    class Options(PluginOptions):
        """Options."""

        strength: float = Field(default=0.5, ge=0, le=1, description="how much")

    neutral = Options(strength=1)

    def apply(self, logprobs, context):
        return logprobs * (1 + self.options.strength)


class NeutralAsATable(Wrong):
    """Its neutral options are no instance of `Options`."""

    violates = {"neutral-options"}

    class Options(PluginOptions):
        """Options."""

        strength: float = Field(default=0.5, ge=0, le=1, description="how much")

    neutral = {"strength": 0}

    def apply(self, logprobs, context):
        return logprobs * (1 + self.options.strength)


class NearlyNeutral(Wrong):
    """Its neutral options come near, and no nearer."""

    violates = {"neutral-options"}
    neutral = PluginOptions()

    def apply(self, logprobs, context):
        return logprobs * (1 + 1e-9)


class NotItsTemperature(Wrong):
    """It divides by twice the temperature that it tells."""

    violates = {"as-temperature"}
    as_temperature = 2.0

    def apply(self, logprobs, context):
        return logprobs / 4


class TemperatureInWords(Wrong):
    """Its temperature is no number."""

    violates = {"as-temperature"}
    as_temperature = "warm"

    def apply(self, logprobs, context):
        return logprobs / 2
