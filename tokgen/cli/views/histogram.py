"""Shares as bars, a row for each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tokgen.cli.views.bars import NARROWEST_BAR, bar
from tokgen.cli.views.table import GAP, Column, Table, figures, room_beside
from tokgen.percentages import percent
from tokgen.unicode import shown_symbol


def histogram(
    heading: str,
    shares: Mapping[str, float],
    peak: float,
    widest: int,
    width: int,
    written: Callable[[float], str] = percent,
) -> Table:
    """The share of each value, with a bar where the terminal's width leaves room for one.

    Args:
        peak: the share that the longest bar stands for.
        widest: the cells of that bar where the terminal is wide enough.
        written: how a share is written.
    """
    values = Column([*map(shown_symbol, shares)], heading, justify="right", is_key=True)
    columns = [values, figures([*map(written, shares.values())])]
    room = min(widest, room_beside(columns, width) - GAP)
    if room >= NARROWEST_BAR:
        bars = [bar(share / peak, room) for share in shares.values()]
        columns.append(Column(bars, style="cyan"))
    return Table(columns)
