"""Sampler: a pure reshaping of log-probabilities, and what it may know beside them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from tokgen.arrays import Floats
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.prefixes import Prefixes

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
class SamplingContext:
    """Where a batch of rows stands. A sampler finds here only what it declared.

    Attributes:
        position: tokens drawn since the prefix, the same for all rows (needs "position").
        history: (needs "history").
        chance: uniform numbers (B,) in [0, 1), keyed by seed, step and sequence (`takes_chance`).
    """

    position: int | None = None
    history: History | None = None
    rng: Floats | None = None


class Sampler(ABC):
    """Reshapes the distribution over the next token. Pure: equal inputs, equal outputs."""

    tokgen_api: ClassVar[int]
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    needs: ClassVar[Needs] = "distribution"
    takes_chance: ClassVar[bool] = False

    def __init__(self, options: PluginOptions) -> None:
        self.options = options

    @abstractmethod
    def apply(self, logprobs: Floats, context: SamplingContext) -> Floats:
        """New log-probabilities (B, V) from normalised ones (B, V): -inf for what is removed.

        The result need not be normalised; at least one token of each row must remain.
        """
