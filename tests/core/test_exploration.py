"""Exploring a model without a window: bounds that hold, and exact figures where all is seen."""

from __future__ import annotations

import numpy as np
import pytest
from models import CountingModel, TableModel

from tokgen.chain import compile_chain
from tokgen.chain_syntax import parse_chain
from tokgen.errors import RequestError
from tokgen.exact import visits
from tokgen.exploration import NEGLIGIBLE, explore
from tokgen.sampler import SamplerChain


def test_where_everything_is_seen_the_length_law_is_exact():
    """Of a counting model the length law has a closed form: products of its own odds."""
    explored = explore(CountingModel(3), SamplerChain(), [], 100_000)
    alive = 1.0
    for length in range(6):
        ending = 1 - 0.9 / (length + 1)
        assert explored.lengths[length] == pytest.approx(alive * ending)
        alive *= 1 - ending
    assert explored.unexplored < NEGLIGIBLE


@pytest.mark.parametrize("width", [1, 3, 20])
@pytest.mark.parametrize("chain", ["", "temperature:t=0.7", "top_k:k=2"])
def test_figures_are_bounds(width, chain):
    model = TableModel.random(4, 2, seed=3)
    samplers = parse_chain(chain.split())
    exact = visits(compile_chain(model, samplers)).lengths
    explored = explore(model, samplers, [], width)
    assert sum(explored.lengths.values()) + explored.unexplored == pytest.approx(1)
    for length, mass in enumerate(exact.tolist()):
        known = explored.lengths.get(length, 0.0)
        assert known <= mass + 1e-12
        assert mass <= known + explored.unexplored + 1e-12


def test_samplers_with_a_memory_are_refused():
    class Remembering:
        needs, takes_chance = "history", False

    chain = SamplerChain((type("Link", (), {"sampler": Remembering()})(),))
    with pytest.raises(RequestError, match="needs more than the distribution"):
        explore(CountingModel(3), chain, [], 10)


def test_the_largest_come_first():
    model = TableModel.random(4, 1, seed=0)
    greedy = explore(model, SamplerChain(), [], 1)
    wide = explore(model, SamplerChain(), [], 64)
    assert wide.unexplored < greedy.unexplored
    assert np.isfinite(greedy.unexplored)
