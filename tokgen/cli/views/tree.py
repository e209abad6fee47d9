"""The generation tree in a terminal: a line a token, its probability and that of its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokgen.cli.views.fitting import rows_that_fit
from tokgen.cli.views.table import Column, Table, figures
from tokgen.percentages import percent
from tokgen.text_model.tree import TreeNode
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

OF_TOKEN, OF_PATH = "after its prefix", "of the whole path"
BESIDE = 4


@dataclass(frozen=True)
class _Line:
    """A node, or the branches of one that are left out."""

    shown: Text
    prob: str = ""
    path_prob: str = ""


def show_tree(console: Console, root: TreeNode, numbers: Mapping[tuple[int, ...], int]) -> None:
    """The tree with both probabilities of each node, as many nodes as the terminal has lines for.

    Args:
        numbers: under which number one can go to a node, by its ids.
    """
    from rich.text import Text

    shown = _that_fits(root, rows_that_fit(console, BESIDE))
    lines = list(_lines(shown, numbers, ""))
    console.print(Text(inert(root.text) or "(beginning)", "bold reverse"))
    columns = [
        Column([line.shown for line in lines], is_key=True),
        figures([line.prob for line in lines], OF_TOKEN),
        figures([line.path_prob for line in lines], OF_PATH, "dim"),
    ]
    console.print(Table(columns))
    gone = sum(1 for _ in root.below()) - sum(1 for _ in shown.below())
    if gone:
        console.print(f"{gone:,} less probable nodes have no room here", style="dim")
    if numbers:
        number = min(numbers.values())
        console.print(f"[{number}] is a place: :go {number} leads there", style="dim")


def _that_fits(root: TreeNode, most: int | None) -> TreeNode:
    """The tree as it is, or its most probable nodes, so that it has so many lines at most."""
    if most is None:
        return root
    for nodes in range(most, 0, -1):
        shown = root.most_probable(nodes)
        if sum(1 + bool(node.left_out) for node in shown.below()) < most:
            return shown
    return root.most_probable(1)


def _lines(node: TreeNode, numbers: Mapping[tuple[int, ...], int], before: str) -> Iterator[_Line]:
    """The nodes below one, and how many more there are after it."""
    from rich.text import Text

    for child in node.children:
        is_last = child is node.children[-1] and not node.left_out
        shown = Text(f"{before}{'└── ' if is_last else '├── '}", "dim")
        shown.append(shown_symbol(child.token), "bold")
        if child.ended:
            shown.append(f" {inert(child.text[: -len(child.token)])}", "green")
        elif child.ids in numbers:
            shown.append(f" [{numbers[child.ids]}]", "cyan")
        yield _Line(shown, percent(child.prob), percent(child.path_prob))
        yield from _lines(child, numbers, f"{before}{'    ' if is_last else '│   '}")
    if node.children and node.left_out:
        rest = node.left_out_prob
        shown = Text(f"{before}└── {node.left_out} more", "dim")
        yield _Line(shown, percent(rest), percent(node.path_prob * rest))
