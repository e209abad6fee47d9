"""Training: a plan -> a fitted model -> a checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tokgen.errors import RequestError, needing_torch
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot, ignore
from tokgen.plugin_api.model import LanguageModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll
from tokgen.training.measuring import best_evaluation, doubt_about, loss_of
from tokgen.training.parts import PartFits
from tokgen.training.plan import Plan
from tokgen.training.planned_checkpoint import planned_checkpoint


@dataclass(frozen=True)
class Trained:
    """A checkpoint not yet saved, and how its loss fell.

    Attributes:
        doubt: a sentence where the model that was read back has another loss than the one that
            was trained.
    """

    checkpoint: Checkpoint
    history: tuple[Progress, ...]
    doubt: str | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return any(progress.interrupted for progress in self.history)


@dataclass(frozen=True)
class Unfinished:
    """How far a training has come.

    Attributes:
        snapshot: of the fit that was running.
        history: what that fit and those before it have reported.
        metrics: measured after the first fit; empty while it runs.
        seconds: spent so far.
        doubt: as in `Trained`, once the first fit is measured.
    """

    snapshot: Snapshot
    history: tuple[Progress, ...]
    metrics: dict[str, float]
    seconds: float
    doubt: str | None = None


def forget(unfinished: Unfinished) -> None:
    """Keep nothing: a training that is killed is lost."""


def train(
    plan: Plan,
    report: Callable[[Progress], None] = ignore,
    save_state: Callable[[Unfinished], None] = forget,
    unfinished: Unfinished | None = None,
) -> Trained:
    """Fit the planned model and measure it on what it was not trained on.

    A corpus so small that no document falls into the validation split is trained on without one.
    With `refit`, a first run finds the number of steps on the validation split; the second trains
    on train and validation together for as long. Its losses are the first run's.

    Every loss is measured on the model as it is read back from a checkpoint.

    Args:
        plan: what to train, on what.
        report: called with the model's progress.
        save_state: called with all that is needed to go on, whenever the model can.
        unfinished: where a training of the same plan was; it ends as if never stopped.

    Raises:
        RequestError: there is nothing to train on, the training diverges, or the model needs
            torch and it is not installed.
        TokgenError: a loss is infinite, so that there is nothing worth keeping.
        PluginError: a plugin fails, or what it saves is not what it learnt.
    """
    with needing_torch(f"Training the model {plan.model_name!r}"):
        return _Run(plan, report, save_state, unfinished).trained()


class _Run:
    """One training, with what its fits have reported."""

    def __init__(
        self,
        plan: Plan,
        report: Callable[[Progress], None],
        save_state: Callable[[Unfinished], None],
        unfinished: Unfinished | None,
    ) -> None:
        self.plan = plan
        self.report = report
        self.save_state = save_state
        self.history = list(unfinished.history) if unfinished else []
        self.metrics = dict(unfinished.metrics) if unfinished else {}
        self.doubt = unfinished.doubt if unfinished else None
        self.resume_from = unfinished.snapshot if unfinished else None
        self.parts = PartFits(FitRun(plan.recipe.seed, plan.recipe.device), report)
        self.started = time.perf_counter() - (unfinished.seconds if unfinished else 0)

    def trained(self) -> Trained:
        """Fit, measure, and fit again where the recipe says so."""
        if self.metrics:
            # It goes on in its second fit, which needs to know for how long parts are fitted.
            self.parts.parts_of(self.plan.options, self.plan.dataset("train"), self._held_out())
            checkpoint = self._refit()
        else:
            checkpoint = self._measured_fit()
            interrupted = bool(self.history) and self.history[-1].interrupted
            if self.plan.recipe.refit and not interrupted:
                checkpoint = self._refit()
        metrics = self.metrics | self._test_loss(checkpoint) | {"seconds": self._seconds()}
        metadata = checkpoint.metadata.model_copy(update={"metrics": metrics})
        kept = Checkpoint(checkpoint.model, checkpoint.tokenizer, metadata)
        return Trained(kept, tuple(self.history), self.doubt)

    def _measured_fit(self) -> Checkpoint:
        train, held_out = self._train(), self._held_out()
        model = self._fitted(train, held_out, self._fit_run(self._reported))
        checkpoint = planned_checkpoint(self.plan, model).read_back()
        train_loss = loss_of(checkpoint, self.plan.corpus, "train")
        self.metrics = {"train_loss": train_loss}
        best = best_evaluation(self.history)
        if held_out is None:
            self.doubt = doubt_about("train", mean_nll(model, train), train_loss)
        else:
            loss = loss_of(checkpoint, self.plan.corpus, "validation")
            self.metrics["validation_loss"] = loss
            reported = best[0] if best else mean_nll(model, held_out)
            self.doubt = doubt_about("validation", reported, loss)
        if best is not None:
            self.metrics["steps"] = float(best[1])
        return checkpoint

    def _refit(self) -> Checkpoint:
        steps = self.metrics.get("steps")
        run = self._fit_run(self._reported_again)
        run = replace(run, max_steps=None if steps is None else int(steps))
        model = self._fitted(self.plan.dataset("train", "validation"), None, run)
        return planned_checkpoint(self.plan, model).read_back()

    def _fitted(self, train: Dataset, held_out: Dataset | None, run: FitRun) -> LanguageModel:
        options, model_class = self.plan.options, self.plan.model_class
        parts = self.parts.parts_of(options, train, held_out)
        return model_class.fitted(options, self.plan.vocabulary, train, held_out, run, parts)

    def _train(self) -> Dataset:
        corpus = self.plan.corpus
        if not corpus.rows_of("train").any():
            raise RequestError(
                f"The train split of {corpus.name!r} is empty: its "
                f"{len(corpus.documents)} documents are too few to hold some out."
            )
        return self.plan.dataset("train")

    def _held_out(self) -> Dataset | None:
        some = self.plan.corpus.rows_of("validation").any()
        return self.plan.dataset("validation") if some else None

    def _test_loss(self, checkpoint: Checkpoint) -> dict[str, float]:
        corpus = self.plan.corpus
        if corpus.package is None or not corpus.rows_of("test").any():
            return {}
        return {"test_loss": loss_of(checkpoint, corpus, "test")}

    def _fit_run(self, report: Callable[[Progress], None]) -> FitRun:
        recipe = self.plan.recipe
        resume_from, self.resume_from = self.resume_from, None
        return FitRun(recipe.seed, recipe.device, report, self._kept, resume_from)

    def _reported(self, progress: Progress) -> None:
        self.history.append(progress)
        self.report(progress)

    def _reported_again(self, progress: Progress) -> None:
        """Of the second fit only its interruption belongs to the history of losses."""
        if progress.interrupted:
            self.history.append(progress)
        self.report(progress)

    def _kept(self, snapshot: Snapshot) -> None:
        history = tuple(self.history)
        self.save_state(Unfinished(snapshot, history, self.metrics, self._seconds(), self.doubt))

    def _seconds(self) -> float:
        return time.perf_counter() - self.started
