"""Bars and figures as every view shows them: one scale, eighths of a cell, aligned percentages."""

from __future__ import annotations

NARROWEST_BAR = 3
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, to an eighth; something where it is not zero."""
    eighths = round(share * width * 8)
    if share > 0 and width:
        eighths = max(eighths, 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def percent(probability: float) -> str:
    """`42.1 %`; what would round to nothing keeps one significant figure; `·` is impossible."""
    if probability == 0:
        return "·"
    if probability < 0.0005:
        return f"{100 * probability:.1g} %" if probability >= 0.000095 else "<0.01 %"
    return f"{100 * probability:.1f} %"
