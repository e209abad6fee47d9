"""SamplerChain: samplers one after the other. Nothing is truncated by default: an empty chain
shows and draws what the model says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, normalised
from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.sampler import Sampler, SamplingContext


@dataclass(frozen=True)
class ChainedSampler:
    """One sampler of a chain under the name and options that the user gave it."""

    name: str
    sampler: Sampler

    @property
    def label(self) -> str:
        """`top_p p=0.9`, for the head of a column."""
        options = self.sampler.options.model_dump(exclude_unset=True)
        return " ".join([self.name, *(f"{key}={value}" for key, value in options.items())])


@dataclass(frozen=True)
class SamplerChain:
    """Samplers in the order in which they run, each on the renormalised result of the last."""

    samplers: tuple[ChainedSampler, ...] = ()

    @property
    def needs_distribution_alone(self) -> bool:
        """Whether a distribution determines what the chain makes of it."""
        return not self.takes_chance and all(
            chained.sampler.needs == "distribution" for chained in self.samplers
        )

    def require_distribution_alone(self) -> None:
        """Refuse what cannot be computed exactly.

        Raises:
            RequestError: a sampler needs more than the distribution; it is named.
        """
        for chained in self.samplers:
            if chained.sampler.takes_chance or chained.sampler.needs != "distribution":
                raise RequestError(
                    f"Sampler {chained.name!r} needs more than the distribution, "
                    "so that nothing exact can be said under it."
                )

    @property
    def takes_chance(self) -> bool:
        """Whether any sampler draws at random itself, so that equal prefixes may differ."""
        return any(chained.sampler.takes_chance for chained in self.samplers)

    @property
    def needs_history(self) -> bool:
        """Whether any sampler looks at what was drawn before."""
        return any(chained.sampler.needs == "history" for chained in self.samplers)

    def stages(self, logprobs: Floats, contexts: list[SamplingContext]) -> list[Floats]:
        """The distribution after each sampler, normalised: one (B, V) for each sampler.

        Raises:
            PluginError: where a sampler fails, returns another shape or NaN, or removes all.
        """
        stages = []
        for chained, context in zip(self.samplers, contexts, strict=True):
            reshaped = _reshaped(chained, logprobs, context)
            logprobs = normalised(_checked(reshaped, logprobs, chained.name))
            stages.append(logprobs)
        return stages

    def final_logprobs(self, logprobs: Floats) -> Floats:
        """The distribution (B, V) that is drawn from, for a chain that needs nothing else."""
        stages = self.stages(logprobs, [SamplingContext()] * len(self.samplers))
        return stages[-1] if stages else logprobs


def _reshaped(chained: ChainedSampler, logprobs: Floats, context: SamplingContext) -> Floats:
    """What a sampler makes of the rows; any failure of its own is told under its name."""
    try:
        return chained.sampler.apply(logprobs, context)
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PluginError(f"Sampler {chained.name!r} failed: {told}.") from error


def _checked(reshaped: Floats, before: Floats, name: str) -> Floats:
    if np.shape(reshaped) != before.shape:
        raise PluginError(
            f"Sampler {name!r} returned shape {np.shape(reshaped)} for shape {before.shape}."
        )
    peaks = reshaped.max(axis=-1)
    if not np.isfinite(peaks).all():
        what = "removed every token" if (peaks == -np.inf).any() else "returned NaN or +inf"
        raise PluginError(f"Sampler {name!r} {what}.")
    return np.asarray(reshaped, dtype=np.float64)
