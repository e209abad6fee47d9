"""SamplerChain: samplers one after the other. Nothing is truncated by default: an empty chain
shows and draws what the model says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Floats, normalised, read_only
from tokgen.errors import PluginError, RequestError
from tokgen.guards.blame import Registered, blamed, plugin_of
from tokgen.plugin_api.sampler import MOST_BRANCHES, Branches, History, Sampler, SamplingContext
from tokgen.plugin_api.vocabulary import Vocabulary

WEIGHTS_SUM_TO = 1e-9

# Weighted distributions (B, V), their weights summing to one.
Mixture = list[tuple[float, Floats]]


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

    @property
    def written(self) -> str:
        """`top_p:p=0.9`, as a user writes it."""
        options = self.sampler.options.model_dump(mode="json", exclude_unset=True)
        if not options:
            return self.name
        plain = [f"{key}={value}" for key, value in options.items()]
        if any(isinstance(value, (dict, list, str)) for value in options.values()):
            return f"{self.name}:{json.dumps(options, ensure_ascii=False, separators=(',', ':'))}"
        return f"{self.name}:{','.join(plain)}"

    @property
    def plugin(self) -> Registered:
        """Who is to blame where it fails."""
        return plugin_of(self.sampler, f"sampler {self.name!r}")

    def apply(self, logprobs: Floats, context: SamplingContext) -> Mixture:
        """The branches that the sampler makes of normalised rows (B, V), each renormalised.

        Raises:
            PluginError: the sampler fails, or returns what is no distribution.
        """
        with blamed(self.plugin, "apply"), np.errstate(all="ignore"):
            made = self.sampler.apply(read_only(logprobs), context)
            branches = made.branches if isinstance(made, Branches) else ((1.0, made),)
            weights = [float(weight) for weight, _ in branches]
        if len(weights) > MOST_BRANCHES:
            raise self._wrong(f"{len(weights)} branches; there may be {MOST_BRANCHES}")
        if not (min(weights, default=0.0) >= 0 and abs(sum(weights) - 1) <= WEIGHTS_SUM_TO):
            raise self._wrong(f"branches with weights {weights}")
        rows = [normalised(self._checked(each, logprobs)) for _, each in branches]
        return [pair for pair in zip(weights, rows, strict=True) if pair[0] > 0]

    def _checked(self, made: Floats, before: Floats) -> Floats:
        if not isinstance(made, np.ndarray) or made.dtype.kind != "f":
            raise self._wrong("no array of numbers")
        if made.shape != before.shape:
            raise self._wrong(f"shape {made.shape} for shape {before.shape}")
        peaks = made.max(axis=-1)
        if (peaks == -np.inf).any():
            raise PluginError(f"The {self.plugin.display_name} removed every token.")
        if not np.isfinite(peaks).all():
            raise self._wrong("NaN or +inf")
        return made

    def _wrong(self, returned: str) -> PluginError:
        return PluginError(f"The {self.plugin.display_name} returned {returned}.")


@dataclass(frozen=True)
class SamplerChain:
    """Samplers in the order in which they run, each on the renormalised result of the last."""

    samplers: tuple[ChainedSampler, ...] = ()

    @property
    def needs_history(self) -> bool:
        """Whether any sampler looks at what was drawn before."""
        return any(chained.sampler.needs == "history" for chained in self.samplers)

    @property
    def temperature(self) -> float:
        """The t of the last temperature, 1 where there is none.

        Raises:
            PluginError: a sampler cannot say whether it is one.
        """
        declared = (chained.sampler.as_temperature for chained in reversed(self.samplers))
        return next((t for t in declared if t is not None), 1.0)

    @property
    def counts_to(self) -> int | None:
        """The position from which on the chain does the same; None where there is none.

        0 where a distribution alone determines what the chain makes of it.
        """
        positions = [0]
        for chained in self.samplers:
            if chained.sampler.needs == "history":
                return None
            if chained.sampler.needs == "position":
                if chained.sampler.constant_after is None:
                    return None
                positions.append(chained.sampler.constant_after)
        return max(positions)

    def require_finite(self) -> None:
        """Refuse a chain under which a bounded model is no finite Markov chain.

        Raises:
            RequestError: a sampler needs the history, or the position without an end; it is named.
        """
        for chained in self.samplers:
            if SamplerChain((chained,)).counts_to is None:
                raise RequestError(
                    f"Sampler {chained.name!r} needs more than the distribution, "
                    "so no exact figure can be computed with it."
                )

    def stages(
        self, logprobs: Floats, vocabulary: Vocabulary, history: History | None = None
    ) -> tuple[Floats, ...]:
        """The distribution after each sampler, normalised: one (B, V) for each.

        Where samplers branch, it is the mixture of all branches. `history` may be left out where
        the chain needs the distribution alone.

        Raises:
            PluginError: a sampler fails, returns another shape or NaN, or removes all.
            RequestError: the chain has too many branches.
        """
        stages = []
        mixture: Mixture = [(1.0, logprobs)]
        for chained in self.samplers:
            context = SamplingContext(chained.sampler.needs, vocabulary, history)
            mixture = [
                (weight * share, after)
                for weight, before in mixture
                for share, after in chained.apply(before, context)
            ]
            if len(mixture) > MOST_BRANCHES:
                raise RequestError(
                    f"The sampler chain makes {len(mixture)} branches; it may make {MOST_BRANCHES}."
                )
            stages.append(_mixed(mixture))
        return tuple(stages)

    def final_logprobs(
        self, logprobs: Floats, vocabulary: Vocabulary, history: History | None = None
    ) -> Floats:
        """The distribution (B, V) that is drawn from; arguments and errors as for `stages`."""
        stages = self.stages(logprobs, vocabulary, history)
        return stages[-1] if stages else logprobs


def _mixed(mixture: Sequence[tuple[float, Floats]]) -> Floats:
    if len(mixture) == 1:
        return mixture[0][1]
    with np.errstate(divide="ignore"):
        logged: Floats = np.log(sum(weight * np.exp(rows) for weight, rows in mixture))
    return logged
