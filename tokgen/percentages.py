"""How many digits a probability has, wherever it is shown: in tables, sentences and pictures.

It is a percentage with one decimal; below 0.05 % it keeps one significant figure, so that it is not
shown as nothing. A lower bound is rounded down and an upper bound up, each to as many decimals as
tell the two apart.
"""

from __future__ import annotations

import math

LEAST_ROUNDED = 0.0005
LEAST_SHOWN = 0.000095
MOST_DECIMALS = 10
# Of a figure, what is no reason to round it to the next decimal: a float's own inexactness.
LAST_BITS = 1e-12


def percent(probability: float) -> str:
    """`42.1 %`; `0.03 %`; `·` is impossible."""
    if probability == 0:
        return "·"
    if probability < LEAST_ROUNDED:
        return f"{100 * probability:.1g} %" if probability >= LEAST_SHOWN else "<0.01 %"
    return f"{100 * probability:.1f} %"


def share(probability: float) -> str:
    """The same outside of a column of percentages: `0 %`, and `1 in 88,100,000` of what is rare."""
    if probability == 0:
        return "0 %"
    if probability >= LEAST_SHOWN:
        return percent(probability)
    digits = math.floor(-math.log10(probability))
    if digits >= 15:
        return f"1 in 10^{-math.log10(probability):.0f}"
    return f"1 in {round(1 / probability, 2 - digits):,.0f}"


def bounds(low: float, high: float) -> tuple[str, str]:
    """What a probability has at least, and what it has at most; the same, where it is known."""
    if low == high:
        return share(low), share(high)
    for decimals in range(1, MOST_DECIMALS):
        below, above = _down(low, decimals), _up(high, decimals)
        if above - below <= 200 * (high - low):
            break
    return f"{below:.{decimals}f} %", f"{above:.{decimals}f} %"


def at_least(probability: float) -> str:
    """A lower bound that stands alone."""
    return bounds(probability, 1.0)[0]


def at_most(probability: float) -> str:
    """An upper bound that stands alone."""
    return bounds(0.0, probability)[1]


def _down(probability: float, decimals: int) -> float:
    return math.floor(100 * probability * 10**decimals * (1 + LAST_BITS)) / 10**decimals


def _up(probability: float, decimals: int) -> float:
    return math.ceil(100 * probability * 10**decimals * (1 - LAST_BITS)) / 10**decimals
