"""How networks are trained, without torch: the options that all of them share, and the rate's law.

`torch_model` runs the loop; a model that is sampled in numpy can declare its options from here.
"""

from __future__ import annotations

import math

from pydantic import Field

from tokgen.plugin_api.options import PluginOptions


class NetworkOptions(PluginOptions):
    """Options of AdamW (Loshchilov & Hutter 2019), its schedule and early stopping."""

    steps: int = Field(default=1200, ge=1, description="updates at most")
    batch_size: int = Field(default=1024, ge=1, description="contexts (or documents) in an update")
    learning_rate: float = Field(default=3e-3, gt=0, description="at its peak")
    warmup: float = Field(default=0.05, ge=0, le=1, description="share of the steps that it rises")
    weight_decay: float = Field(default=0.1, ge=0, description="decoupled, on matrices")
    label_smoothing: float = Field(
        default=0.0, ge=0, lt=1, description="share of each target spread over the vocabulary"
    )
    evaluate_every: int = Field(default=100, ge=1, description="steps between validation losses")
    patience: int = Field(
        default=10, ge=0, description="evaluations without a better loss before it stops; 0: never"
    )


def learning_rate_at(step: int, options: NetworkOptions) -> float:
    """Rate of step 0 <= `step` < `options.steps`: a linear rise, then half a cosine to zero."""
    rising = options.warmup * options.steps
    if step < rising:
        return options.learning_rate * (step + 1) / math.ceil(rising)
    share = (step - rising) / max(options.steps - rising, 1)
    return options.learning_rate * 0.5 * (1 + math.cos(math.pi * share))
