"""Training: a plan -> a fitted model -> a checkpoint."""

from __future__ import annotations

from collections.abc import Callable

from tokgen.arrays import Arrays
from tokgen.errors import needing_torch
from tokgen.plugin_api.fit_run import Progress, ignore
from tokgen.training.plan import Plan
from tokgen.training.run import Run
from tokgen.training.trained import Trained, Unfinished, forget


def train(
    plan: Plan,
    report: Callable[[Progress], None] = ignore,
    save_state: Callable[[Unfinished], None] = forget,
    unfinished: Unfinished | None = None,
    watch: Callable[[Callable[[], Arrays]], None] = ignore,
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
        watch: called as in `FitRun`.

    Raises:
        RequestError: there is nothing to train on, the training diverges, or the model needs
            torch and it is not installed.
        TokgenError: the train loss is infinite, so that there is nothing worth keeping.
        PluginError: a plugin fails, or what it saves is not what it learnt.
        KeyboardInterrupt: Ctrl-C was pressed before there was anything worth keeping.
    """
    with needing_torch(f"Training the model {plan.model_name!r}"):
        return Run(plan, report, save_state, unfinished, watch).trained()
