"""The mean of weights over steps, against the sum that it is."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tokgen.plugin_api.torch.averaged import AveragedWeights

STEPS = 30


def moved(kept):
    torch.manual_seed(0)
    layer = nn.Linear(2, 3)
    averaged, seen = AveragedWeights(layer, kept), [layer.weight.detach().clone()]
    for step in range(STEPS):
        with torch.no_grad():
            layer.weight.add_(torch.randn(3, 2))
        averaged.add(step)
        seen.append(layer.weight.detach().clone())
    return layer, averaged, seen


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.98])
def test_it_is_the_sum_of_all_weights_by_how_much_of_each_is_kept(kept):
    layer, averaged, seen = moved(kept)
    shares = [min(kept, (1 + step) / (10 + step)) for step in range(STEPS)]
    mean, left = torch.zeros(3, 2), 1.0
    for weights, share in zip(reversed(seen[1:]), reversed(shares), strict=True):
        mean += left * (1 - share) * weights
        left *= share
    mean += left * seen[0]
    with averaged.in_place():
        torch.testing.assert_close(layer.weight.detach(), mean)
    assert torch.equal(layer.weight.detach(), seen[-1])


def test_it_goes_on_from_what_was_kept():
    layer, averaged, _ = moved(0.9)
    other = AveragedWeights(layer, 0.9)
    other.load({name: mean.clone() for name, mean in averaged.state().items()})
    averaged.add(STEPS)
    other.add(STEPS)
    assert all(torch.equal(averaged.state()[name], mean) for name, mean in other.state().items())
