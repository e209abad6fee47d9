"""Seconds of a training to the validation loss of a plain PyTorch loop of the same network.

They are those of computing, so that other work on the machine changes little.

Both train on the Indian names, one after the other; the ratio stands in the benchmark's extra_info.
"""

from __future__ import annotations

import time
from functools import cache

import pytest
from plain_training import train_plainly

from tokgen import registry
from tokgen.plugin_api.fit_run import FitRun
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe

pytestmark = pytest.mark.benchmark(group="training")

PLAIN = {
    "mlp": {"steps": 1500},
    "rnn": {"steps": 600},
    "gru": {"steps": 600},
    "lstm": {"steps": 400},
    "cnn": {"steps": 300},
    "transformer": {"steps": 300},
}
OURS = {
    "mlp": {"steps": 1500},
    "rnn": {"steps": 600},
    "gru": {"batch_size": 64, "steps": 800},
    "lstm": {"batch_size": 64, "steps": 600},
    "cnn": {"batch_size": 64, "steps": 400},
    "transformer": {"batch_size": 64, "steps": 400},
}


class Reached(Exception):
    """The loss is as low as it has to be."""


@cache
def data():
    planned = plan(Recipe(corpus="indian-names", model="ngram"))
    return planned.dataset("train"), planned.dataset("validation"), planned.vocabulary


def seconds_to(loss, name):
    """The seconds that tokgen's training takes until its validation loss is no higher."""
    train, validation, vocabulary = data()
    kind = registry.load_model(name)
    options = kind.Options(**OURS[name], evaluate_every=50, patience=0)
    started = time.process_time()

    def report(progress):
        if progress.validation_loss is not None and progress.validation_loss <= loss:
            raise Reached

    with pytest.raises(Reached):
        kind.fitted(options, vocabulary, train, validation, FitRun(0, "cpu", report), {})
    return time.process_time() - started


@pytest.mark.parametrize("name", PLAIN)
def test_seconds_to_the_loss_of_a_plain_loop(benchmark, name):
    train, validation, _ = data()
    options = registry.load_model(name).Options(**PLAIN[name])
    loss, plain = train_plainly(name, options, train, validation)
    ours = benchmark.pedantic(seconds_to, (loss, name), rounds=1)
    benchmark.extra_info |= {"loss": loss, "plain seconds": plain, "ratio": ours / plain}
    print(f"{name}: {loss:.4f} nats per token, {ours:.1f} s beside {plain:.1f} s of the plain loop")
