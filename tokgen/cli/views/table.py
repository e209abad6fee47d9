"""Tables that lose nothing: columns that do not fit beside the others go on below, in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

    Cell = str | Text

GAP = 2
LEAST_TEXT = 12


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        is_key: it says what a row is about, and stands at the left of every block.
        least: how many cells are enough for it, since its texts may be wrapped into several lines;
            None where each of its texts has to stand in one line, as a figure does.
    """

    cells: Sequence[Cell]
    heading: str = ""
    justify: Literal["left", "right"] = "left"
    style: str = ""
    is_key: bool = False
    least: int | None = None

    def width(self) -> int:
        """The terminal's cells that it takes where nothing is wrapped."""
        from rich.cells import cell_len

        lines = [line for cell in self.cells for line in str(cell).split("\n")]
        return max(map(cell_len, (self.heading, *lines)))


def figures(cells: Sequence[Cell], heading: str = "", style: str = "") -> Column:
    """A column of numbers."""
    return Column(cells, heading, "right", style)


@dataclass(frozen=True)
class Table:
    """Columns beside each other; where the terminal is too narrow, in several blocks."""

    columns: Sequence[Column]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        """What rich draws in the width that there is."""
        for number, block in enumerate(_blocks(self.columns, options.max_width)):
            if number > 0:
                yield ""
            yield _block(block, options.max_width)


def room_beside(columns: Sequence[Column], width: int) -> int:
    """The cells that these columns leave to others in one line; negative where they do not fit."""
    return width - sum(column.width() + GAP for column in columns)


def _blocks(columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """The columns that stand beside each other, the keys in every block."""
    keys = [column for column in columns if column.is_key]
    room = width + GAP - sum(map(_needed, keys))
    block, left = list(keys), room
    for column in columns:
        if column.is_key:
            continue
        if _needed(column) > left and left < room:
            yield block
            block, left = list(keys), room
        block.append(column)
        left -= _needed(column)
    yield block


def _needed(column: Column) -> int:
    """The cells of a column where it is as narrow as it can be, and of the gap beside it."""
    wide = column.width()
    return GAP + (wide if column.least is None else min(wide, column.least))


def _block(columns: Sequence[Column], width: int) -> Any:
    from rich import table

    headed = any(column.heading for column in columns)
    drawn = table.Table(box=None, pad_edge=False, header_style="dim", show_header=headed)
    widths = _widths(columns, width)
    for each, wide in zip(columns, widths, strict=True):
        drawn.add_column(
            each.heading, justify=each.justify, style=each.style, width=wide, overflow="fold"
        )
    cells = (_cells(column, wide) for column, wide in zip(columns, widths, strict=True))
    for row in zip(*cells, strict=True):
        drawn.add_row(*row)
    return drawn


def _cells(column: Column, width: int) -> Sequence[Cell]:
    """The cells as they fit: text is wrapped between words, anything else between characters."""
    from rich.cells import chop_cells

    if column.least is not None or column.width() <= width:
        return column.cells
    return ["\n".join(chop_cells(str(cell), width)) for cell in column.cells]


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """The cells of each column; what is too much is taken from the widest that can be wrapped."""
    widths = [column.width() for column in columns]
    excess = sum(widths) + GAP * (len(widths) - 1) - width
    wrapped = [number for number, column in enumerate(columns) if column.least is not None]
    # Where the terminal is too narrow for a single figure, this is wrapped too.
    for candidates in (wrapped, list(range(len(columns)))):
        while excess > 0 and candidates and max(widths[number] for number in candidates) > 1:
            widths[max(candidates, key=widths.__getitem__)] -= 1
            excess -= 1
    return widths
