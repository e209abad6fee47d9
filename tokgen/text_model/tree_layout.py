"""Where each node of a generation tree stands in a picture: a leaf a row, a level a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokgen.text_model.tree import TreeNode

MOST_DRAWN = 60


@dataclass(frozen=True)
class Placed:
    """A node with its row, which lies between those of its children, and its level from 0 on."""

    node: TreeNode
    row: float
    level: int
    children: tuple[Placed, ...]

    def all(self) -> Iterator[Placed]:
        """The node and every one below it."""
        yield self
        for child in self.children:
            yield from child.all()

    @property
    def leaves(self) -> int:
        """How many rows there are."""
        return sum(not each.children for each in self.all())

    @property
    def depth(self) -> int:
        """How many levels there are."""
        return 1 + max(each.level for each in self.all())


def placed(root: TreeNode) -> Placed:
    """A tree as it is drawn: of a large one, the nodes that are the most probable.

    After the children of a node comes a leaf that stands for all other tokens together.
    """
    shown, leaves = root.most_probable(MOST_DRAWN), 0

    def place(node: TreeNode, level: int) -> Placed:
        nonlocal leaves
        if not node.children:
            leaves += 1
            return Placed(node, leaves - 1, level, ())
        below = (*node.children, *_left_out(node))
        children = tuple(place(child, level + 1) for child in below)
        return Placed(node, (children[0].row + children[-1].row) / 2, level, children)

    return place(shown, 0)


def _left_out(node: TreeNode) -> Iterator[TreeNode]:
    if node.left_out:
        rest = node.left_out_prob
        yield replace(
            node,
            token="",
            text=f"{node.left_out:,} more",
            prob=rest,
            path_prob=node.path_prob * rest,
            children=(),
            branches=0,
        )


def meaning(root: TreeNode, drawn: Placed) -> str:
    """What the figures of a picture are, and how much of the tree is not in it."""
    said = "edge: probability after its prefix; leaf: probability of the whole path"
    gone = sum(1 for _ in root.below()) - sum(1 for _ in drawn.node.below())
    return f"{said}; {gone:,} less probable nodes are left out" if gone else said
