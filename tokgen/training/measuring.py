"""Measuring what a training made, on the checkpoint as it is read back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tokgen.corpus.columns import encode_splits
from tokgen.corpus.corpus import Corpus, SplitName
from tokgen.errors import TokgenError
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll

ROUNDING = 1e-4  # nats: a training computes in float32, a model that is used in float64


def loss_of(checkpoint: Checkpoint, corpus: Corpus, split: SplitName) -> float:
    """Mean negative log-likelihood (nats) of a token of a split, with the checkpoint's tokenizer.

    Raises:
        TokgenError: it is infinite.
        PluginError: the model fails.
    """
    model, name = checkpoint.model, checkpoint.metadata.model.name
    loss = mean_nll(model, encode_splits(corpus, [split], checkpoint.tokenizer, model.vocabulary))
    if not math.isfinite(loss):
        raise TokgenError(
            f"The {split} loss is infinite: the model {name!r} gives a token of the {split} split "
            "the probability 0, so that no checkpoint is kept."
        )
    return loss


def best_evaluation(history: Sequence[Progress]) -> tuple[float, int] | None:
    """The lowest validation loss (nats) and its step; None where the model reported none."""
    measured = [(p.validation_loss, p.step) for p in history if p.validation_loss is not None]
    return min(measured, default=None)


def doubt_about(split: SplitName, in_training: float, in_checkpoint: float) -> str | None:
    """A sentence where two losses (nats) of one model differ by more than rounding."""
    if abs(in_training - in_checkpoint) <= ROUNDING:
        return None
    return (
        f"The {split} loss was {in_training:.4f} nats per token in the training and is "
        f"{in_checkpoint:.4f} in the checkpoint: the model computes differently when it is "
        "trained, or does not save all that it learns."
    )
