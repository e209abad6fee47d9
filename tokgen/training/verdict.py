"""Verdict: what a training was worth, in sentences that compare it with the simplest models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.errors import counted
from tokgen.generation.scoring import token_logprobs
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import Progress
from tokgen.plugin_api.model import LanguageModel
from tokgen.training.metadata import Metadata
from tokgen.training.plan import Plan
from tokgen.training.references import References, references
from tokgen.training.trained import Trained
from tokgen.unit import Unit

# Below this standard error (nats per token) the number of documents is not worth a word.
UNCERTAIN = 0.05
RISEN = 0.05
NOTHING_HELD_OUT = (
    "No document is held out: the corpus is too small to tell what the model is worth."
)
BASELINE_IS_BETTER = "The n-gram is better here, and it is worth a try."
UNTRAINED = "The model is untrained: no step was taken, so its weights are random."


@dataclass(frozen=True)
class Verdict:
    """How a model predicts the held-out documents, beside what predicts them without it.

    Attributes:
        documents: how many were held out.
        loss: mean negative log-likelihood of a token, nats, as the other losses.
        error: the standard error of the loss, for other documents of the same kind.
        guessing: the loss of guessing by the letters' frequency in the training documents.
        baseline: the loss of the n-gram; None where that is the model itself or cannot be fitted.
        best_step: after which the validation loss rose again; None where it did not.
        stopped: a sentence where the training ended before its last step.
        goes_on: whether more steps can be taken.
    """

    documents: int
    loss: float
    error: float
    guessing: float
    baseline: float | None
    best_step: int | None = None
    stopped: str | None = None
    goes_on: bool = False

    def sentences(self, unit: Unit = Unit.nats) -> list[str]:
        """What the user should know, one thing a sentence."""
        return [
            self._comparison(unit),
            *self._advice(),
            *([self._few_documents(unit)] if self.error > UNCERTAIN else []),
        ]

    def _comparison(self, unit: Unit) -> str:
        others = f"guessing by letter frequency has {unit.of(self.guessing):.2f}"
        if self.baseline is not None:
            others = f"an n-gram has {unit.of(self.baseline):.2f}, {others}"
        loss = f"{unit.of(self.loss):.2f} {unit} per token"
        return f"On held-out documents the model has {loss}; {others}."

    def _advice(self) -> list[str]:
        told = [] if self.stopped is None else [self.stopped]
        if self.best_step is not None:
            kept = "" if self.stopped else "; the weights of that step are kept"
            told.append(
                f"After step {self.best_step:,} the validation loss rose while the model learnt "
                f"its documents by heart{kept}."
            )
        if self.loss >= self.guessing:
            more = "more documents" if told or not self.goes_on else "more steps or more documents"
            told.append(f"The model is no better than guessing: give it {more}.")
        elif self.baseline is not None and self.loss > self.baseline:
            told.append(BASELINE_IS_BETTER)
        return told

    def _few_documents(self, unit: Unit) -> str:
        if self.documents == 1:
            return "Only 1 document is held out: this loss says little of others."
        error = f"{unit.of(self.error):.2f} {unit}"
        known = f"the loss on others may differ by about {error} (one standard error)"
        return f"Only {self.documents} documents are held out: {known}."


def verdict(plan: Plan, trained: Trained, beside: References, unit: Unit = Unit.nats) -> list[str]:
    """What the training was worth; nothing where its loss is infinite or it was interrupted."""
    if trained.interrupted:
        return []
    of_no_step = weights_of_no_step(trained.checkpoint.metadata)
    if beside.frequency is None:
        return [*([of_no_step] if of_no_step else []), NOTHING_HELD_OUT]
    loss = trained.checkpoint.metadata.metrics["validation_loss"]
    if loss is None:
        return []
    held_out, stopped = plan.dataset("validation"), stopped_early(trained.history)
    judged = Verdict(
        documents=len(held_out.documents),
        loss=loss,
        error=standard_error(trained.checkpoint.model, held_out),
        guessing=beside.frequency,
        baseline=beside.baseline,
        best_step=best_step_before_rise(trained.history),
        stopped=stopped,
        goes_on=plan.model_class.goes_on,
    ).sentences(unit)
    if of_no_step is None:
        return judged
    return [judged[0], *([stopped] if stopped else []), of_no_step]


def worth(plan: Plan, trained: Trained) -> str | None:
    """What is doubtful of a training, then its verdict, in one text; None where there is neither.

    The n-gram is fitted for it.
    """
    doubt = [] if trained.doubt is None else [trained.doubt]
    return " ".join([*doubt, *verdict(plan, trained, references(plan))]) or None


def weights_of_no_step(metadata: Metadata) -> str | None:
    """A sentence where a model has the weights with which its training began."""
    if metadata.untrained:
        return UNTRAINED
    if not metadata.ancestors or metadata.metrics.get("steps", 1) != 0:
        return None
    if metadata.model.options.get("steps") == 0:
        return "No step was asked for: the weights are those of the checkpoint."
    return (
        "No step made the validation loss lower: the weights are those of the checkpoint that the "
        "training began with."
    )


def standard_error(model: LanguageModel, held_out: Dataset) -> float:
    """Of the mean over tokens, since documents are drawn and not tokens: a ratio estimator's."""
    totals = -np.add.reduceat(token_logprobs(model, held_out), held_out.starts)
    count = len(totals)
    if count == 1:
        return math.inf
    deviations = totals - totals.sum() / len(held_out) * held_out.lengths
    return float(np.sqrt(count / (count - 1) * (deviations**2).sum()) / len(held_out))


def best_step_before_rise(history: Sequence[Progress]) -> int | None:
    """The step of the lowest validation loss, where the last is clearly above it."""
    measured = [(p.validation_loss, p.step) for p in history if p.validation_loss is not None]
    if not measured:
        return None
    lowest, step = min(measured)
    return step if measured[-1][0] > lowest + RISEN else None


def stopped_early(history: Sequence[Progress]) -> str | None:
    """A sentence where a training ended since its validation loss no longer fell."""
    measured = [(p.validation_loss, p.step, p) for p in history if p.validation_loss is not None]
    if not measured:
        return None
    _, step, last = measured[-1]
    if last.soonest != step or step >= last.steps:
        return None
    _, best, _ = min(measured, key=lambda each: each[:2])
    kept = f"the weights of step {best:,}" if best else "the weights before the first step"
    return (
        f"Training stopped at step {step:,} of {last.steps:,}, because the validation loss had not "
        f"fallen for {counted(step - best, 'step')}; {kept} are kept."
    )
