"""How networks are trained, without torch: the options that all of them share, and the rate's law.

`torch_model` runs the loop; a model that is sampled in numpy can declare its options from here.
"""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from tokgen.plugin_api.options import PluginOptions


class NetworkOptions(PluginOptions):
    """Options of AdamW (Loshchilov & Hutter 2019), its schedule and early stopping.

    Attributes:
        changeable: options of a subclass that a training which goes on from a checkpoint may
            change, because no weight's shape depends on them. It may change all options of this
            class.
    """

    changeable: ClassVar[tuple[str, ...]] = ()

    steps: int = Field(
        default=1200, ge=0, description="updates at most; 0 leaves the model untrained"
    )
    batch_size: int = Field(
        default=1024, ge=1, description="contexts (or documents) in each update"
    )
    learning_rate: float = Field(
        default=3e-3, gt=0, description="highest learning rate of the schedule"
    )
    warmup: float = Field(
        default=0.05, ge=0, le=1, description="share of the steps in which the learning rate rises"
    )
    weight_decay: float | None = Field(
        default=None,
        ge=0,
        description="decoupled weight decay, of matrices alone; default: 0.1 for a large corpus, "
        "up to 8 for a small one",
    )
    averaging: float = Field(
        default=0.98,
        ge=0,
        lt=1,
        description="share of the mean of weights that each step keeps; 0 uses the last weights",
    )
    label_smoothing: float = Field(
        default=0.0, ge=0, lt=1, description="share of each target spread over the vocabulary"
    )
    evaluate_every: int | None = Field(
        default=None,
        ge=1,
        description="steps between validation losses; default: 100 for a large corpus, down to 10",
    )
    patience: int = Field(
        default=10,
        ge=0,
        description="validation losses in a row without a lower one that end the training; 0: none",
    )


def learning_rate_at(step: int, options: NetworkOptions) -> float:
    """Rate of step 0 <= `step` < `options.steps`: a linear rise, then half a cosine to zero."""
    rising = options.warmup * options.steps
    if step < rising:
        return options.learning_rate * (step + 1) / math.ceil(rising)
    share = (step - rising) / max(options.steps - rising, 1)
    return options.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


# What was measured to give the lowest loss on other words, for lists of 50 to 11,000 words of eight
# letters: without it, 50 words are learnt by heart within the first hundred steps.
_LARGE = 75_000
_DECAYS = (0.1, 8.0)
_MOST_IN_A_STEP = 0.03  # what a step may take off a weight: learning rate times decay
_PERIODS = (10, 100)


def weight_decay_for(options: NetworkOptions, tokens: int) -> float:
    """The weight decay for a training on so many tokens: the fewer, the stronger."""
    if options.weight_decay is not None:
        return options.weight_decay
    least, most = _DECAYS
    wanted = least * (_LARGE / max(tokens, 1)) ** 0.95
    return max(min(wanted, most, _MOST_IN_A_STEP / options.learning_rate), least)


def evaluate_every_for(options: NetworkOptions, tokens: int) -> int:
    """The steps between validation losses: the fewer tokens, the sooner a network has learnt."""
    if options.evaluate_every is not None:
        return options.evaluate_every
    soonest, latest = _PERIODS
    return min(max(tokens // 500, soonest), latest)
