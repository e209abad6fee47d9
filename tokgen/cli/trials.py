"""How long several trainings will take together: the first steps of each are tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from tokgen.cli.pace import WORTH_SAYING, Pace, estimated
from tokgen.cli.terminal import say
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.default_training import default_recipe
from tokgen.training.model_request import ModelRequest
from tokgen.training.plan import plan
from tokgen.training.train import train


class _KnownError(Exception):
    """The first steps have shown how long a training will take."""


def say_how_long(missing: Mapping[str, ModelRequest]) -> None:
    """Tell how long it takes to train these models, by name; nothing where it is a moment."""
    if not missing:
        return
    trials = [seconds_of(request, name) for name, request in missing.items()]
    least, most = (sum(bound) for bound in zip(*trials, strict=True))
    if most >= WORTH_SAYING:
        say(f"training {', '.join(missing)}: {estimated(least, most)}")


def seconds_of(
    request: ModelRequest, model: str, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """The least and the most seconds of a training: it may end sooner than at its last step.

    A training of which nothing is known after a second is done to its end.

    Raises:
        RequestError: the model cannot be trained on the corpus.
        PluginError: a plugin fails.
    """
    begun, paces, found = clock(), list[Pace](), list[tuple[float, float]]()

    def report(progress: Progress) -> None:
        now = clock()
        paces.append(Pace(progress.step, now))
        each = paces[0].seconds_a_step(progress.step, now)
        if each is not None:
            least = progress.soonest or progress.steps
            found.append((each * least, each * progress.steps))
            raise _KnownError

    try:
        train(plan(default_recipe(request, model)), report)
    except _KnownError:
        return found[0]
    took = clock() - begun
    return took, took
