"""The generation tree in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tokgen.cli.views.bars import percent
from tokgen.text_model.tree import TreeNode
from tokgen.unicode import inert, shown_symbol

if TYPE_CHECKING:
    from rich.console import Console


def show_tree(console: Console, root: TreeNode, numbers: Mapping[tuple[int, ...], int]) -> None:
    """The tree with a probability on each edge, the path's at the end of the line."""
    from rich.text import Text
    from rich.tree import Tree as RichTree

    def grow(branch: RichTree, children: Sequence[TreeNode]) -> None:
        for child in children:
            label = Text(f"{shown_symbol(child.token)} {percent(child.prob)}", "bold")
            if child.ended:
                label.append(f"  {inert(child.text[: -len(child.token)])}", "green")
            elif child.ids in numbers:
                label.append(f"  [{numbers[child.ids]}]", "cyan")
            label.append(f"  {percent(child.path_prob)}", "dim")
            grow(branch.add(label), child.children)

    drawn = RichTree(Text(inert(root.text) or "(beginning)", "bold reverse"))
    grow(drawn, root.children)
    console.print(drawn)
