"""Dropout: so many units are zero as was asked for, the mean stays, chance is torch's."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from tokgen.plugin_api import Dropout
from tokgen.plugin_api.torch.dropout import drops_units


@pytest.mark.parametrize("share", [0.1, 0.5, 0.6])
def test_so_many_units_are_zero_and_the_mean_stays(share):
    torch.manual_seed(0)
    count = 40_001
    units = Dropout(share).train()(torch.ones(count))
    kept = units[units != 0]
    deviation = math.sqrt(share * (1 - share) / count)
    assert abs(1 - len(kept) / count - share) < 5 * deviation  # one in a million is beyond that
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - share)), rtol=1e-4, atol=0)


def test_the_gradient_goes_where_the_units_went():
    torch.manual_seed(0)
    units = torch.rand(7, 5, requires_grad=True)
    left = Dropout(0.5).train()(units)
    left.sum().backward()
    torch.testing.assert_close(units.grad * units, left)


def test_a_seed_gives_the_same_units():
    drop, units = Dropout(0.5).train(), torch.ones(3, 5)
    torch.manual_seed(3)
    first = drop(units)
    torch.manual_seed(3)
    assert torch.equal(drop(units), first)


@pytest.mark.parametrize("drop", [Dropout(0.5).eval(), Dropout(0.0).train()])
def test_nothing_is_dropped_in_use_or_where_nothing_is_asked(drop):
    assert torch.equal(drop(torch.ones(9)), torch.ones(9))


@pytest.mark.parametrize(
    ("layer", "drops"),
    [
        (nn.Linear(2, 2), False),
        (nn.Sequential(nn.Linear(2, 2), Dropout(0.5)), True),
        (nn.Sequential(nn.Linear(2, 2), Dropout(0.0)), False),
        (nn.Dropout(0.1), True),
        (nn.Dropout(0.0), False),
        (nn.GRU(2, 2, num_layers=2, dropout=0.5), True),
        (nn.GRU(2, 2), False),
        (nn.MultiheadAttention(2, 1, dropout=0.5), True),
    ],
)
def test_whether_a_module_drops_units(layer, drops):
    assert drops_units(layer) == drops
