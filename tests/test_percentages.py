"""The digits of probabilities: one rule, and bounds that stay bounds when they are rounded."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tokgen.percentages import at_least, at_most, bounds, percent, share

PROBABILITIES = st.floats(0, 1)
# The share of a figure that is lost in a float.
LOST = Fraction(1, 10**11)


@pytest.mark.parametrize(
    ("probability", "column", "alone"),
    [
        (1, "100.0 %", "100.0 %"),
        (0.634289, "63.4 %", "63.4 %"),
        (0.0005, "0.1 %", "0.1 %"),
        (0.0003, "0.03 %", "0.03 %"),
        (0.0001, "0.01 %", "0.01 %"),
        (1.1345e-08, "<0.01 %", "1 in 88,100,000"),
        (9e-05, "<0.01 %", "1 in 11,100"),
        (1e-40, "<0.01 %", "1 in 10^40"),
        (5e-324, "<0.01 %", "1 in 10^323"),
        (0, "·", "0 %"),
    ],
)
def test_a_probability_has_one_decimal_or_one_figure(probability, column, alone):
    assert percent(probability) == column
    assert share(probability) == alone


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.375571, 0.810966, ("37.5 %", "81.1 %")),
        (0.0017162, 0.0017171, ("0.17162 %", "0.17171 %")),
        (0.0, 3e-6, ("0.0000 %", "0.0003 %")),
        (0.0017166, 0.0017166, ("0.2 %", "0.2 %")),
        (0.0, 0.0, ("0 %", "0 %")),
        (0.0, 1.0, ("0.0 %", "100.0 %")),
    ],
)
def test_bounds_have_the_digits_that_tell_them_apart(low, high, shown):
    assert bounds(low, high) == shown


@given(PROBABILITIES, PROBABILITIES)
def test_rounded_bounds_are_bounds(one, other):
    assume(one != other)
    low, high = sorted([one, other])
    below, above = (Fraction(each.removesuffix(" %")) / 100 for each in bounds(low, high))
    assert below <= Fraction(low) * (1 + LOST)
    assert above >= Fraction(high) * (1 - LOST)
    assert above - below <= max(2 * (Fraction(high) - Fraction(low)), Fraction(2, 10**11))


@given(PROBABILITIES)
def test_a_bound_that_stands_alone_is_one(probability):
    assume(0 < probability < 1)
    low, high = (Fraction(f(probability).removesuffix(" %")) / 100 for f in (at_least, at_most))
    assert low <= Fraction(probability) * (1 + LOST)
    assert high >= Fraction(probability) * (1 - LOST)
