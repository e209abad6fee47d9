"""Print the validation loss of the default MLP against seconds, with and without merged contexts.

Run it as `python tests/benchmarks/fitting.py`. Both ways have the same model, seed and options; a
row of the one is a distinct context with all its targets, a row of the other a single example.
"""

from __future__ import annotations

import time
from contextlib import suppress

import numpy as np
import torch
from tokgen_models.mlp import MLP
from tokgen_models.mlp_network import TorchMLP

from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.torch.batches import Batch, ContextBatches
from tokgen.plugin_api.torch.loop import TrainingLoop
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe

OPTIONS = {"dropout": 0.5, "steps": 4000, "evaluate_every": 100, "patience": 0}
SECONDS = (2, 5, 10, 20, 30)


class SingleExamples:
    """Every example as it occurs, for comparison."""

    at_once = 65_536

    def __init__(self, dataset, context):
        self._windows = dataset.all_windows(context)

    def __len__(self):
        return len(self._windows.targets)

    def batch(self, chosen):
        rows = np.arange(len(chosen))
        weights = np.ones(len(chosen), np.float32)
        targets = self._windows.targets[chosen]
        inputs, given = self._windows.contexts[chosen], self._windows.given[chosen]
        return Batch(inputs, given, rows, targets, weights, len(chosen))


class Enough(Exception):
    """The time is over."""


def losses_by_second(batches_of, data, held_out, vocabulary, options):
    """Pairs of seconds and the best validation loss by then."""
    seen, best = [], np.inf

    def report(progress):
        nonlocal best
        if not progress.has_losses:
            return
        best = min(best, progress.validation_loss)
        seen.append((time.perf_counter() - started, best))
        if seen[-1][0] > SECONDS[-1]:
            raise Enough

    torch.manual_seed(0)
    network = TorchMLP(options, vocabulary)
    context = options.context
    started = time.perf_counter()
    train, validation = batches_of(data, context), ContextBatches(held_out, context)
    loop = TrainingLoop(network, options, train, validation, FitRun(0, report=report))
    with suppress(Enough):
        loop.until_the_end()
    return seen


def loss_at(second, seen):
    return min((loss for at, loss in seen if at <= second), default=float("nan"))


def main():
    planned = plan(Recipe(corpus="indian-names", model="mlp"))
    data, held_out = planned.dataset("train"), planned.dataset("validation")
    options = MLP.Options(**OPTIONS)
    contexts = len(ContextBatches(data, options.context))
    print(f"{len(data):,} examples, {contexts:,} distinct contexts")
    print(f"{'':24}" + "".join(f"{second:>8} s" for second in SECONDS))
    for name, kind in (("distinct contexts", ContextBatches), ("single examples", SingleExamples)):
        seen = losses_by_second(kind, data, held_out, planned.tokenizer.vocabulary, options)
        print(f"{name:24}" + "".join(f"{loss_at(second, seen):10.4f}" for second in SECONDS))


if __name__ == "__main__":
    main()
