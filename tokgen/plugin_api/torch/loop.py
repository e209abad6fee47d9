"""The training loop: batches into a module, the mean weights of the best validation loss kept.

All chance follows from the seed and the step (initial weights from the seed alone), so a training
that goes on from a snapshot ends with the weights that it would have had.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tokgen.arrays import Arrays
from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import FitRun, Progress, Snapshot
from tokgen.plugin_api.torch.adamw import AdamW
from tokgen.plugin_api.torch.averaged import AveragedWeights
from tokgen.plugin_api.torch.batches import Batch, Batches
from tokgen.plugin_api.torch.best_weights import BestWeights
from tokgen.plugin_api.torch.dropout import drops_units
from tokgen.plugin_api.torch.loss import SummedLoss, loss_on, mean_loss, summed_loss
from tokgen.plugin_api.torch.network_options import (
    NetworkOptions,
    evaluate_every_for,
    learning_rate_at,
    weight_decay_for,
)
from tokgen.plugin_api.torch.passes import Passes
from tokgen.rng import words

if TYPE_CHECKING:
    from tokgen.plugin_api.torch.model import TorchModel


class TrainingLoop:
    """One run over a module, which it leaves with the best weights."""

    def __init__(
        self,
        module: TorchModel,
        options: NetworkOptions,
        train: Batches,
        validation: Batches | None,
        run: FitRun,
    ) -> None:
        self.module = module
        self.options = options
        self.validation = validation
        self.run = run
        self.best = BestWeights()
        self.device = next(module.parameters()).device
        decay = weight_decay_for(options, train.tokens)
        self.optimizer = AdamW(module.parameters(), decay)
        self.averaged = AveragedWeights(module, options.averaging)
        self.evaluate_every = evaluate_every_for(options, train.tokens)
        self.passes = Passes(train, options.batch_size, run.seed)
        most = options.steps if run.max_steps is None else run.max_steps
        self.last_step = min(most, options.steps)
        self.with_dropout = drops_units(module)
        self.steps_done = 0
        if run.resume_from is not None:
            self._go_on_from(run.resume_from)

    def until_the_end(self) -> None:
        """Train; Ctrl-C ends it early and keeps the best weights so far.

        Raises:
            RequestError: the loss is no longer a number.
        """
        try:
            for step in self._steps():
                if self._is_evaluation(step):
                    if 0 < self.options.patience <= self.best.evaluations_since:
                        break
                    self.run.save_snapshot(self._snapshot())
        except KeyboardInterrupt:
            done = self.steps_done
            self.run.report(Progress(done, self.options.steps, None, interrupted=True))
        if self.best.state:
            self.module.load_state_dict(self.best.state)
        else:
            self.averaged.exchange()

    def _steps(self) -> Iterator[int]:
        self.module.train()
        at_first = None if self.steps_done else self._validated_at_first()
        self.run.watch(self._learnt_so_far)
        if not self.last_step:
            self.run.report(self._progress(0, None, at_first))
        started, seen, losses = time.perf_counter(), 0.0, []
        for step in range(self.steps_done + 1, self.last_step + 1):
            batch = self.passes.at(step - 1)
            losses.append(self._update(batch, step - 1))
            seen += batch.examples
            self.steps_done = step
            if step == 1:
                # What a step measures is the loss before its update.
                self.run.report(self._progress(0, mean_loss(losses), at_first))
            if self._is_measured(step):
                rate = seen / (time.perf_counter() - started)
                self.run.report(self._measured(step, losses, rate))
                losses = []
            else:
                self.run.report(self._progress(step))
            self.run.watch(self._learnt_so_far)
            yield step

    def _learnt_so_far(self) -> Arrays:
        with self.averaged.in_place():
            return self.module.arrays()

    def _measured(self, step: int, losses: list[SummedLoss], rate: float) -> Progress:
        loss = mean_loss(losses)
        self._check(loss, step)
        held_out = self._validated() if self._is_evaluation(step) else None
        return self._progress(step, loss, held_out, rate)

    def _update(self, batch: Batch, step: int) -> SummedLoss:
        torch.manual_seed(int(words(self.run.seed, step, np.zeros(1, np.int64))[0]))
        summed = summed_loss(self.module, batch, self.options.label_smoothing, self.device)
        loss = summed / batch.examples
        self.module.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(learning_rate_at(step, self.options))
        self.averaged.add(step)
        return SummedLoss(summed.detach(), float(batch.weights.sum()))

    def _is_measured(self, step: int) -> bool:
        """Whether the training loss is reported, which costs nothing: ten times an evaluation."""
        return step % max(self.evaluate_every // 10, 1) == 0 or self._is_evaluation(step)

    def _is_evaluation(self, step: int) -> bool:
        return step % self.evaluate_every == 0 or step == self.last_step

    def _check(self, loss: float, step: int) -> None:
        if not np.isfinite(loss):
            raise RequestError(
                f"The loss is {loss} at step {step}: lower the learning_rate "
                f"(it is {self.options.learning_rate})."
            )

    def _validated_at_first(self) -> float | None:
        """The validation loss before the first step; patience begins with the evaluation after."""
        loss = self._validated()
        self.best.evaluations_since = -1
        return loss

    def _validated(self) -> float | None:
        """The validation loss of the mean weights, which are kept if it is the lowest."""
        if self.validation is None:
            return None
        with self.averaged.in_place():
            loss = loss_on(self.module, self.validation, self.device)
            self.best.keep_if_lower(loss, self.module)
        return loss

    def _progress(
        self,
        step: int,
        loss: float | None = None,
        validation_loss: float | None = None,
        rate: float | None = None,
    ) -> Progress:
        return Progress(
            step,
            self.last_step,
            loss,
            validation_loss,
            rate,
            soonest=self._soonest(step),
            with_dropout=self.with_dropout and loss is not None,
        )

    def _soonest(self, step: int) -> int | None:
        """When the training ends if no validation loss is lower than the best one so far."""
        patience, period = self.options.patience, self.evaluate_every
        if self.validation is None or patience == 0:
            return None
        left = patience - self.best.evaluations_since
        return min(max((step // period + left) * period, step), self.last_step)

    def _snapshot(self) -> Snapshot:
        kept = {
            "module": self.module.state_dict(),
            "averaged": self.averaged.state(),
            "best": self.best.state,
            "adam": self.optimizer.state(),
        }
        arrays = {
            f"{group}/{name}": tensor.detach().cpu().numpy().copy()
            for group, tensors in kept.items()
            for name, tensor in tensors.items()
        }
        facts = {
            "steps_done": self.steps_done,
            "best_loss": self.best.loss if self.best.state else None,
            "evaluations_since": self.best.evaluations_since,
        }
        return Snapshot(arrays, facts)

    def _go_on_from(self, snapshot: Snapshot) -> None:
        kept: dict[str, dict[str, Tensor]] = {"module": {}, "averaged": {}, "best": {}, "adam": {}}
        for key, array in snapshot.arrays.items():
            group, _, name = key.partition("/")
            kept[group][name] = torch.from_numpy(array.copy()).to(self.device)
        self.module.load_state_dict(kept["module"])
        self.averaged.load(kept["averaged"])
        self.optimizer.load(kept["adam"])
        facts = snapshot.facts
        self.steps_done = facts["steps_done"]
        if kept["best"]:
            self.best = BestWeights(facts["best_loss"], kept["best"], facts["evaluations_since"])
