"""Measuring what a training made, on the checkpoint as it is read back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.splits import SplitName
from tokgen.plugin_api.fit_run import Progress
from tokgen.plugin_api.options import PluginOptions
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll

ROUNDING = 1e-4  # nats: a training computes in float32, a model that is used in float64


def loss_of(checkpoint: Checkpoint, corpus: Corpus, split: SplitName) -> float:
    """Mean negative log-likelihood (nats) of a token of a split, with the checkpoint's tokenizer.

    It is infinite where a token has the probability 0.

    Raises:
        PluginError: the model fails.
    """
    model = checkpoint.model
    return mean_nll(model, encode_splits(corpus, [split], checkpoint.tokenizer, model.vocabulary))


def finite_or_none(loss: float) -> float | None:
    """A loss as it is kept: JSON has no infinity."""
    return loss if math.isfinite(loss) else None


def infinite_loss_told(model: str, split: SplitName) -> str:
    """The sentence about a split of which a token has the probability 0."""
    return (
        f"The {split} loss is infinite: the model {model!r} gives a token of the {split} split "
        "the probability 0"
    )


def best_evaluation(history: Sequence[Progress]) -> tuple[float, int] | None:
    """The lowest validation loss (nats) and its step; None where the model reported none."""
    measured = [(p.validation_loss, p.step) for p in history if p.validation_loss is not None]
    return min(measured, default=None)


def options_that_gave_way(asked: PluginOptions, fitted: PluginOptions) -> str | None:
    """A sentence where a model was fitted with other options than the defaults it was made with."""
    before, after = asked.model_dump(), fitted.model_dump()
    changed = [name for name in after if after[name] != before[name]]
    told = [f"{name}={after[name]} (the default {before[name]} does not fit)" for name in changed]
    return f"The model was fitted with {' and '.join(told)}." if told else None


def doubt_about(split: SplitName, in_training: float, in_checkpoint: float) -> str | None:
    """A sentence where two losses (nats) of one model differ by more than rounding."""
    if in_training == in_checkpoint or abs(in_training - in_checkpoint) <= ROUNDING:
        return None
    return (
        f"The {split} loss was {in_training:.4f} nats per token in the training and is "
        f"{in_checkpoint:.4f} in the checkpoint: the model computes differently when it is "
        "trained, or does not save all that it learns."
    )
