"""Bars as every view shows them: on one scale, to an eighth of a cell."""

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
