"""Sampler, SamplerChain: pure reshapings of log-probabilities; the last step, `draw`, is ours.

Nothing is truncated by default: an empty chain shows and draws what the model says.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tokgen.errors import PluginError, RequestError
from tokgen.model import Floats, Ints, Prefixes
from tokgen.options import PluginOptions

Needs = Literal["distribution", "position", "history"]


@dataclass(frozen=True, eq=False)
class History:
    """What was drawn since the prefix, row by row: enough to make penalties pure functions.

    Shapes: `tokens` as `Prefixes`, prefix included; `surprisal_model` and `surprisal_drawn`
    (B, n) in nats, for the n tokens drawn so far, under the model and under the distribution
    that each was drawn from.
    """

    tokens: Prefixes
    surprisal_model: Floats
    surprisal_drawn: Floats


@dataclass(frozen=True, eq=False)
class Situation:
    """Where a batch of rows stands. A sampler finds here only what it declared.

    Attributes:
        position: tokens drawn since the prefix, the same for all rows (needs "position").
        history: (needs "history").
        chance: uniform numbers (B,) in [0, 1), keyed by seed, step and sequence (`takes_chance`).
    """

    position: int | None = None
    history: History | None = None
    chance: Floats | None = None


class Sampler(ABC):
    """Reshapes the distribution over the next token. Pure: equal inputs, equal outputs."""

    tokgen_api: ClassVar[int]
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    needs: ClassVar[Needs] = "distribution"
    takes_chance: ClassVar[bool] = False

    def __init__(self, options: PluginOptions) -> None:
        self.options = options

    @abstractmethod
    def reshape(self, logprobs: Floats, situation: Situation) -> Floats:
        """New log-probabilities (B, V) from normalised ones (B, V): -inf for what is removed.

        The result need not be normalised; at least one token of each row must remain.
        """


@dataclass(frozen=True)
class Link:
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

    links: tuple[Link, ...] = ()

    @property
    def needs_distribution_alone(self) -> bool:
        """Whether a distribution determines what the chain makes of it."""
        return not self.takes_chance and all(
            link.sampler.needs == "distribution" for link in self.links
        )

    def require_distribution_alone(self) -> None:
        """Refuse what cannot be computed exactly.

        Raises:
            RequestError: a sampler needs more than the distribution; it is named.
        """
        for link in self.links:
            if link.sampler.takes_chance or link.sampler.needs != "distribution":
                raise RequestError(
                    f"Sampler {link.name!r} needs more than the distribution, "
                    "so that nothing exact can be said under it."
                )

    @property
    def takes_chance(self) -> bool:
        """Whether any sampler draws at random itself, so that equal prefixes may differ."""
        return any(link.sampler.takes_chance for link in self.links)

    @property
    def needs_history(self) -> bool:
        """Whether any sampler looks at what was drawn before."""
        return any(link.sampler.needs == "history" for link in self.links)

    def stages(self, logprobs: Floats, situations: list[Situation]) -> list[Floats]:
        """The distribution after each sampler, normalised: one (B, V) for each link.

        Raises:
            PluginError: where a sampler fails, returns another shape or NaN, or removes all.
        """
        stages = []
        for link, situation in zip(self.links, situations, strict=True):
            reshaped = _reshaped(link, logprobs, situation)
            logprobs = normalised(_checked(reshaped, logprobs, link.name))
            stages.append(logprobs)
        return stages

    def apply(self, logprobs: Floats) -> Floats:
        """The distribution (B, V) that is drawn from, for a chain that needs nothing else."""
        stages = self.stages(logprobs, [Situation()] * len(self.links))
        return stages[-1] if stages else logprobs


def normalised(logprobs: Floats) -> Floats:
    """Log-probabilities (..., V) shifted so that each row sums to one."""
    peak = logprobs.max(axis=-1, keepdims=True)
    shifted = logprobs - peak
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _reshaped(link: Link, logprobs: Floats, situation: Situation) -> Floats:
    """What a sampler makes of the rows; any failure of its own is told under its name."""
    try:
        return link.sampler.reshape(logprobs, situation)
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PluginError(f"Sampler {link.name!r} failed: {told}.") from error


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


THRESHOLD_BITS = 53


def draw(logprobs: Floats, rows: Ints, words: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Ints:
    """A token for each word (B,) from the distribution `logprobs[rows[i]]`: (D, V) -> (B,) int64.

    Inverse CDF on integer thresholds, found by bisection: token j is drawn where the word's upper
    53 bits are below threshold j and not below j - 1. Thresholds are the cumulative probabilities
    times 2**53, rounded down; since the last one is 2**53 itself, a token of probability zero is
    never drawn.
    """
    levels = (words >> np.uint64(64 - THRESHOLD_BITS)).astype(np.int64)
    flat, width = thresholds(logprobs).ravel(), logprobs.shape[1]
    low = rows * width
    high = low + (width - 1)
    for _ in range((width - 1).bit_length()):
        middle = (low + high) >> 1
        passed = flat.take(middle) <= levels
        low = np.where(passed, middle + 1, low)
        high = np.where(passed, high, middle)
    return low - rows * width


def thresholds(logprobs: Floats) -> Ints:
    """Integer cumulative thresholds (D, V) of the draw, the last of each row 2**53."""
    cumulative = np.cumsum(np.exp(logprobs), axis=1)
    cumulative /= cumulative[:, -1:]
    cumulative *= float(1 << THRESHOLD_BITS)
    return cumulative.astype(np.int64)
