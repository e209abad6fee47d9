"""Training: a plan -> a fitted model -> a checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tokgen import registry
from tokgen.corpus.corpus import SplitName
from tokgen.defaults import DEFAULT_TOKENIZER
from tokgen.errors import RequestError, needing_torch
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot, ignore
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.options import parse_named, parse_options
from tokgen.training.checkpoint import (
    FORMAT,
    Checkpoint,
    CorpusRecord,
    Metadata,
    TokenizerRecord,
    record,
)
from tokgen.training.evaluation import evaluate
from tokgen.training.parts import open_parts
from tokgen.training.plan import Plan


@dataclass(frozen=True)
class Trained:
    """A checkpoint not yet saved, and how its loss fell."""

    checkpoint: Checkpoint
    history: tuple[Progress, ...]

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
    """

    snapshot: Snapshot
    history: tuple[Progress, ...]
    metrics: dict[str, float]
    seconds: float


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

    Args:
        plan: what to train, on what.
        report: called with the model's progress.
        save_state: called with all that is needed to go on, whenever the model can.
        unfinished: where a training of the same plan was; it ends as if never stopped.

    Raises:
        RequestError: there is nothing to train on, the training diverges, or the model needs
            torch and it is not installed.
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
        self.resume_from = unfinished.snapshot if unfinished else None
        self.parts: Parts = {}
        self.started = time.perf_counter() - (unfinished.seconds if unfinished else 0)

    def trained(self) -> Trained:
        """Fit, measure, and fit again where the recipe says so."""
        self.parts = open_parts(self.plan, FitRun(self.plan.recipe.seed, self.plan.recipe.device))
        model = None if self.metrics else self._measured_fit()
        interrupted = bool(self.history) and self.history[-1].interrupted
        if model is None or (self.plan.recipe.refit and not interrupted):
            model = self._refit()
        metrics = self.metrics | _test_loss(self.plan, model) | {"seconds": self._seconds()}
        return Trained(_checkpoint(self.plan, model, metrics), tuple(self.history))

    def _measured_fit(self) -> LanguageModel:
        plan = self.plan
        train_documents = _not_empty(plan, "train")
        validation_documents = plan.corpus.split("validation")
        model = plan.model_class.fitted(
            plan.options,
            plan.tokenizer.vocabulary,
            plan.dataset(train_documents),
            plan.dataset(validation_documents) if len(validation_documents) else None,
            self._fit_run(self._reported),
            self.parts,
        )
        metrics = {"train_loss": evaluate(model, plan.tokenizer, train_documents).nll}
        if len(validation_documents):
            metrics["validation_loss"] = evaluate(model, plan.tokenizer, validation_documents).nll
        best_step = _best_step(self.history)
        if best_step is not None:
            metrics["steps"] = best_step
        self.metrics = metrics
        return model

    def _refit(self) -> LanguageModel:
        plan = self.plan
        documents = plan.corpus.split("train") + plan.corpus.split("validation")
        steps = self.metrics.get("steps")
        run = self._fit_run(self._reported_again)
        return plan.model_class.fitted(
            plan.options,
            plan.tokenizer.vocabulary,
            plan.dataset(documents),
            None,
            replace(run, max_steps=None if steps is None else int(steps)),
            self.parts,
        )

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
        self.save_state(Unfinished(snapshot, tuple(self.history), self.metrics, self._seconds()))

    def _seconds(self) -> float:
        return time.perf_counter() - self.started


def _best_step(history: list[Progress]) -> int | None:
    """The step with the lowest validation loss; None where the model reported none."""
    measured = [(p.validation_loss, p.step) for p in history if p.validation_loss is not None]
    return min(measured)[1] if measured else None


def _not_empty(plan: Plan, split: SplitName) -> Documents:
    documents = plan.corpus.split(split)
    if not len(documents):
        raise RequestError(
            f"The {split} split of {plan.corpus.name!r} is empty: its "
            f"{len(plan.corpus.documents)} documents are too few to hold some out."
        )
    return documents


def _test_loss(plan: Plan, model: LanguageModel) -> dict[str, float]:
    if plan.corpus.package is None:
        return {}
    documents = plan.corpus.split("test")
    return {"test_loss": evaluate(model, plan.tokenizer, documents).nll} if len(documents) else {}


def _checkpoint(plan: Plan, model: LanguageModel, metrics: dict[str, float]) -> Checkpoint:
    written = parse_named(plan.recipe.tokenizer or DEFAULT_TOKENIZER)
    tokenizer_class = type(plan.tokenizer)
    options = parse_options(tokenizer_class.Options, written.options, f"Tokenizer {written.name!r}")
    node = record(plan.model_name, model)
    used: list[tuple[registry.Kind, str]] = [("tokenizers", written.name)]
    nodes = [node]
    for each in nodes:
        used.append(("models", each.name))
        nodes += each.parts.values()
    metadata = Metadata(
        format=FORMAT,
        model=node,
        tokenizer=TokenizerRecord(
            name=written.name,
            options=options.model_dump(mode="json"),
            state=plan.tokenizer.to_json(),
        ),
        corpus=CorpusRecord(
            name=plan.corpus.name,
            fingerprint=plan.corpus.fingerprint,
            where=dict(plan.corpus.where),
            documents=len(plan.corpus.documents),
        ),
        recipe=plan.recipe,
        plugins={
            f"{kind}:{name}": f"{found.distribution} {found.version}"
            for kind, name in used
            for found in [registry.find(kind, name)]
        },
        metrics=metrics,
    )
    return Checkpoint(model, plan.tokenizer, metadata)
