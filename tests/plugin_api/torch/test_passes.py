"""Passes: any step can be asked for, and values of columns are left out at random."""

from __future__ import annotations

import numpy as np
import pytest
from models import symbols
from small_networks import Network

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.torch.batches import batches_of
from tokgen.plugin_api.torch.passes import LEFT_OUT, Passes

TOLD = symbols(5).with_columns({"colour": ("red", "blue")})


def batches(context):
    rows = np.random.default_rng(0).integers(0, 4, (400, 5)).tolist()
    return batches_of(Dataset(EncodedDocuments.of(rows), TOLD, np.full((400, 1), 2)), context)


def test_a_step_is_the_same_in_whichever_order_it_is_asked_for():
    for context in (2, None):
        forth, back = (Passes(batches(context), 32, seed=1) for _ in range(2))
        one_way = [forth.at(step) for step in range(40)]
        other_way = [back.at(step) for step in reversed(range(40))]
        for ours, theirs in zip(one_way, reversed(other_way), strict=True):
            assert np.array_equal(ours.inputs, theirs.inputs)
            assert np.array_equal(ours.given, theirs.given)


class Unmoved(Network):
    """Says the same after everything, whatever it has learnt."""

    def forward(self, ids, given=None, cache=None):
        return 0 * super().forward(ids)


def test_the_loss_of_a_batch_is_a_mean_whatever_its_contexts_weigh():
    rows = [[0, 0, 0, 0]] * 300 + np.random.default_rng(0).integers(0, 4, (100, 5)).tolist()
    data = Dataset(EncodedDocuments.of(rows), symbols(5))
    options = Unmoved.Options(steps=10, batch_size=4, evaluate_every=5)
    reports = []
    Unmoved.fitted(options, data.vocabulary, data, None, FitRun(report=reports.append))
    losses = [each.loss for each in reports if each.loss is not None]
    assert losses == pytest.approx([np.log(5)] * len(losses), abs=1e-6)
    assert len(losses) > 2


def test_each_value_is_left_out_by_its_share():
    passes = Passes(batches(None), 100, seed=1)
    given = np.concatenate([passes.at(step).given for step in range(100)])
    share, deviation = (given == 0).mean(), np.sqrt(LEFT_OUT * (1 - LEFT_OUT) / given.size)
    assert set(given.flat) == {0, 2}
    assert abs(share - LEFT_OUT) < 5 * deviation  # one in a million is beyond that
