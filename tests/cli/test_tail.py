"""The hint at the improbable documents that --unique reaches, against figures made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import tokgen
from tokgen.cli.tail import Tail
from tokgen.text_model.results import Generated


@pytest.fixture(scope="module")
def one():
    return next(iter(tokgen.load("indian-names", "mlp").generate(1, seed=1)))


def told_of(one: Generated, logprobs):
    tail = Tail()
    documents = (replace(one, text=f"n{i}", logprob=x) for i, x in enumerate(logprobs))
    assert sum(1 for _ in tail.watching(documents)) == len(logprobs)
    return tail.told


def test_the_last_stands_beside_the_first(one):
    first, last = -math.log(2_000), -math.log(80_000)
    assert told_of(one, [first] * 5_000 + [last] * 5_000) == (
        "The first document, n0, has a probability of 1 in 2,000, the last, n9999, of 1 in 80,000. "
        "The last tenth is 40 times less probable than the first tenth (geometric means): "
        "--quality 0.9 leaves out the least probable ones."
    )


def test_a_long_number_is_told_as_a_power_of_ten(one):
    said = told_of(one, [-10.0] * 5_000 + [-13 * math.log(10)] * 5_000)
    assert "the last, n9999, of 1 in 10^13. " in said


def test_few_documents_and_equal_ones_are_worth_no_word(one):
    assert told_of(one, [-5.0] * 500 + [-50.0] * 500) is None
    assert told_of(one, [-5.0] * 10_000) is None
