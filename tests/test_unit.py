"""Bits and nats: one bit is the information of a fair coin, one nat that of odds of one in e."""

from __future__ import annotations

import math

import pytest

from tokgen.unit import Unit


def test_a_fair_coin_is_one_bit_and_ln_2_nats():
    assert Unit.bits.of(math.log(2)) == 1
    assert Unit.nats.of(math.log(2)) == math.log(2)


@pytest.mark.parametrize("unit", Unit)
def test_what_is_impossible_is_so_in_every_unit(unit):
    assert unit.of(-math.inf) == -math.inf
