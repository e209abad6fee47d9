"""A run of a training: fit, measure what is read back, and fit again where the recipe says so."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from tokgen.arrays import Arrays
from tokgen.corpus.splits import SplitName
from tokgen.errors import RequestError, TokgenError, counted
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot
from tokgen.plugin_api.model import LanguageModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.evaluation import mean_nll
from tokgen.training.measuring import (
    best_evaluation,
    doubt_about,
    finite_or_none,
    infinite_loss_told,
    loss_of,
    options_that_gave_way,
)
from tokgen.training.metadata import STOPPED_AT
from tokgen.training.parts import PartFits
from tokgen.training.plan import Plan
from tokgen.training.planned_checkpoint import planned_checkpoint
from tokgen.training.trained import Trained, Unfinished


class Run:
    """One training, with what its fits have reported."""

    def __init__(
        self,
        plan: Plan,
        report: Callable[[Progress], None],
        save_state: Callable[[Unfinished], None],
        unfinished: Unfinished | None,
        watch: Callable[[Callable[[], Arrays]], None],
    ) -> None:
        self.plan = plan
        self.report = report
        self.save_state = save_state
        self.watch = watch
        self.history = list(unfinished.history) if unfinished else []
        self.metrics = dict(unfinished.metrics) if unfinished else {}
        self.doubts = [unfinished.doubt] if unfinished and unfinished.doubt else []
        self.resume_from = unfinished.snapshot if unfinished else None
        of_a_part = FitRun(plan.recipe.seed, plan.recipe.device)
        self.parts = PartFits(of_a_part, report, plan.corpus.count_of("train"))
        self.measured: LanguageModel | None = None
        self.started = time.perf_counter() - (unfinished.seconds if unfinished else 0)

    def trained(self) -> Trained:
        """Fit, measure, and fit again where the recipe says so."""
        checkpoint = self._first_fit()
        if self.plan.recipe.refit and self._stopped_at() is None:
            checkpoint = self._refit() or checkpoint
        if checkpoint is None:
            raise KeyboardInterrupt
        if self.plan.corpus.package is not None and self.plan.corpus.rows_of("test").any():
            self._held_out_loss(checkpoint, "test")
        self.metrics["seconds"] = self._seconds()
        stopped = self._stopped_at()
        if stopped is not None:
            self.metrics[STOPPED_AT] = float(stopped)
        metadata = checkpoint.metadata.model_copy(update={"metrics": self.metrics})
        kept = Checkpoint(checkpoint.model, checkpoint.tokenizer, metadata)
        return Trained(kept, tuple(self.history), " ".join(self.doubts) or None)

    def _first_fit(self) -> Checkpoint | None:
        """What is measured; None where the training goes on in its second fit."""
        if not self.metrics:
            return self._measured_fit()
        # The second fit needs to know for how long parts are fitted.
        self.parts.parts_of(self.plan.options, self.plan.dataset("train"), self._held_out())
        return None

    def _measured_fit(self) -> Checkpoint:
        train, held_out = self._train(), self._held_out()
        model = self._fitted(train, held_out, self._fit_run(self._reported))
        self.measured = model
        if self._stopped_at() is not None and not self._has_measured_a_step():
            # These weights are those that the training began with, or hardly others.
            raise KeyboardInterrupt
        self._doubt(options_that_gave_way(self.plan.options, model.options))
        checkpoint = planned_checkpoint(self.plan, model).read_back()
        train_loss = loss_of(checkpoint, self.plan.corpus, "train")
        if not math.isfinite(train_loss):
            told = infinite_loss_told(self.plan.model_name, "train")
            raise TokgenError(f"{told}, so that no checkpoint is kept.")
        self.metrics = {"train_loss": train_loss}
        best = best_evaluation(self.history)
        if held_out is None:
            self._doubt(doubt_about("train", mean_nll(model, train), train_loss))
        else:
            loss = self._held_out_loss(checkpoint, "validation")
            reported = best[0] if best else mean_nll(model, held_out)
            self._doubt(doubt_about("validation", reported, loss))
        if best is not None:
            self.metrics["steps"] = float(best[1])
        return checkpoint

    def _refit(self) -> Checkpoint | None:
        """The second fit; None where it was stopped, since its weights are of no step measured."""
        steps = self.metrics.get("steps")
        run = self._fit_run(self._reported_again)
        steps_found = None if steps is None else int(steps)
        run = replace(run, max_steps=steps_found, measured=self.measured)
        model = self._fitted(self.plan.dataset("train", "validation"), None, run)
        if self._stopped_at() is not None:
            return None
        return planned_checkpoint(self.plan, model).read_back()

    def _has_measured_a_step(self) -> bool:
        """Whether weights were measured after a step: held-out documents decide, if there are."""
        losses = [each for each in self.history if each.has_losses]
        held_out = [each for each in losses if each.validation_loss is not None]
        return any(each.step for each in held_out or losses)

    def _stopped_at(self) -> int | None:
        """The step at which Ctrl-C ended the training."""
        return next((progress.step for progress in self.history if progress.interrupted), None)

    def _held_out_loss(self, checkpoint: Checkpoint, split: SplitName) -> float:
        """The loss of a split, kept among the metrics and told where it is infinite."""
        loss = loss_of(checkpoint, self.plan.corpus, split)
        self.metrics[f"{split}_loss"] = finite_or_none(loss)
        if not math.isfinite(loss):
            self._doubt(f"{infinite_loss_told(self.plan.model_name, split)}.")
        return loss

    def _doubt(self, sentence: str | None) -> None:
        if sentence is not None:
            self.doubts.append(sentence)

    def _fitted(self, train: Dataset, held_out: Dataset | None, run: FitRun) -> LanguageModel:
        options, model_class = self.plan.options, self.plan.model_class
        parts = self.parts.parts_of(options, train, held_out)
        return model_class.fitted(options, self.plan.vocabulary, train, held_out, run, parts)

    def _train(self) -> Dataset:
        corpus = self.plan.corpus
        if not corpus.rows_of("train").any():
            raise RequestError(
                f"The train split of {corpus.name!r} is empty: "
                f"{counted(len(corpus.documents), 'document')} cannot be split."
            )
        return self.plan.dataset("train")

    def _held_out(self) -> Dataset | None:
        some = self.plan.corpus.rows_of("validation").any()
        return self.plan.dataset("validation") if some else None

    def _fit_run(self, report: Callable[[Progress], None]) -> FitRun:
        recipe, beginning = self.plan.recipe, self.plan.beginning
        resume_from, self.resume_from = self.resume_from, None
        begin_with = None if beginning is None else beginning.model.arrays()
        return FitRun(
            recipe.seed,
            recipe.device,
            report,
            self._kept,
            resume_from,
            begin_with=begin_with,
            watch=self.watch,
        )

    def _reported(self, progress: Progress) -> None:
        if progress.has_losses or progress.interrupted:
            self.history.append(progress)
        self.report(progress)

    def _reported_again(self, progress: Progress) -> None:
        """Of the second fit only its interruption belongs to the history of losses."""
        if progress.interrupted:
            self.history.append(progress)
        self.report(progress)

    def _kept(self, snapshot: Snapshot) -> None:
        history, doubt = tuple(self.history), " ".join(self.doubts) or None
        self.save_state(Unfinished(snapshot, history, self.metrics, self._seconds(), doubt))

    def _seconds(self) -> float:
        return time.perf_counter() - self.started
