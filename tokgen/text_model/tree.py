"""The generation tree: what may follow a prefix, and what may follow that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tokgen.errors import RequestError
from tokgen.generation.growth import Growth
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.argument_names import asked_by_name
from tokgen.text_model.beginning import text_of
from tokgen.text_model.next_token import rest_of
from tokgen.text_model.results import ranked
from tokgen.unicode import inert

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Numbers of a batch of rows (B, V); a level that has more is grown in parts.
NUMBERS_AT_ONCE = 1 << 22
# Of a tree: a few seconds' work, and more than a person looks at.
MOST_NODES = 100_000


@dataclass(frozen=True)
class TreeNode:
    """A token with its probability after its parent and that of the whole path from the root.

    Attributes:
        ids: all ids up to this token's, with it.
        text: the prefix with all tokens up to this one, the terminator as its symbol.
        ended: the token is the terminator.
        branches: how many tokens can follow, shown as children or not; 0 where the tree ends.
    """

    token: str
    ids: tuple[int, ...]
    text: str
    prob: float
    path_prob: float
    ended: bool
    children: tuple[TreeNode, ...] = ()
    branches: int = 0

    @property
    def left_out(self) -> int:
        """How many of the tokens that can follow are not among the children."""
        return self.branches - len(self.children) if self.children else 0

    @property
    def left_out_prob(self) -> float:
        """The probability that one of the tokens that are left out follows this node."""
        return max(0.0, 1 - math.fsum(child.prob for child in self.children))

    def below(self) -> Iterator[TreeNode]:
        """Every node below this one, each before those below it."""
        for child in self.children:
            yield child
            yield from child.below()

    def most_probable(self, count: int) -> TreeNode:
        """The tree with the `count` nodes whose paths are the most probable.

        A path is never more probable than its beginning, so what is left is a tree.
        """
        order = sorted(self.below(), key=lambda node: (-node.path_prob, len(node.ids)))
        kept = {node.ids for node in order[:count]}

        def cut(node: TreeNode) -> TreeNode:
            children = tuple(cut(child) for child in node.children if child.ids in kept)
            return replace(node, children=children)

        return cut(self)

    @asked_by_name()
    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the tree with matplotlib, on `ax` where it is given, and return the figure."""
        from tokgen.text_model.plots.tree import tree

        return tree(self, inert(f"after {self.text!r}" if self.text else "at the beginning"), ax)

    def __str__(self) -> str:
        """What `print` shows."""
        from tokgen.text_model.printed_results import printed_tree

        return printed_tree(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from tokgen.text_model.results_html import html_of_tree

        return html_of_tree(self)


@dataclass
class _Size:
    """The size that a tree is asked to have, and how many nodes it has so far."""

    depth: int
    width: int
    nodes: int = 0

    def add(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise RequestError(
                f"A tree of {self.depth} levels with {self.width} branches a node has more than "
                f"{MOST_NODES:,} nodes here: a depth of {self._depth_that_fits()} or a "
                f"width of {self._width_that_fits()} fits."
            )

    def _depth_that_fits(self) -> int:
        return max(each for each in range(self.depth) if _fits(each, self.width))

    def _width_that_fits(self) -> int:
        return max(each for each in range(self.width) if _fits(self.depth, each))


def _fits(depth: int, width: int) -> bool:
    return sum(width**level for level in range(1, depth + 1)) <= MOST_NODES


def generation_tree(tokenizer: Tokenizer, growth: Growth, depth: int, width: int) -> TreeNode:
    """The `width` most probable tokens after each node, `depth` levels deep.

    Args:
        growth: one sequence, at which the tree begins.

    Raises:
        RequestError: as `next_token`; or the tree has too many nodes.
        PluginError: the model or a sampler fails.
    """
    ids = tuple(growth.history.ids[0])
    root = TreeNode("", ids, text_of(tokenizer, ids, rest_of(growth, 0)), 1.0, 1.0, False)
    (grown,) = _grown(tokenizer, growth, [root], _Size(depth, width), depth)
    return grown


def _grown(
    tokenizer: Tokenizer, growth: Growth, nodes: list[TreeNode], size: _Size, depth: int
) -> list[TreeNode]:
    """The nodes, one for each row of `growth`, with `depth` levels of what follows them."""
    children = []
    for row, node in enumerate(nodes):
        children.append(_children(tokenizer, growth, row, node, size.width))
        size.add(len(children[-1]))
    going_on = [
        (row, number)
        for row, below in enumerate(children)
        for number, child in enumerate(below)
        if not child.ended and depth > 1
    ]
    at_once = max(1, NUMBERS_AT_ONCE // tokenizer.vocabulary.size)
    for begin in range(0, len(going_on), at_once):
        part = going_on[begin : begin + at_once]
        below = [children[row][number] for row, number in part]
        parents = np.array([row for row, _ in part])
        longer = growth.after(parents, np.array([child.ids[-1] for child in below]))
        grown = _grown(tokenizer, longer, below, size, depth - 1)
        for (row, number), child in zip(part, grown, strict=True):
            children[row][number] = child
    possible = (growth.rows.final_logprobs > -np.inf).sum(axis=1).tolist()
    return [
        replace(node, children=tuple(below), branches=count)
        for node, below, count in zip(nodes, children, possible, strict=True)
    ]


def _children(
    tokenizer: Tokenizer, growth: Growth, row: int, node: TreeNode, width: int
) -> list[TreeNode]:
    logprobs, rest = growth.rows.final_logprobs[row], rest_of(growth, row)
    pieces = (tokenizer.pieces() or []) if rest else []
    found = []
    for token in ranked(logprobs)[:width].tolist():
        prob = math.exp(logprobs[token])
        if prob == 0:
            break
        symbol, ids = tokenizer.symbols[token], (*node.ids, token)
        ended = token == tokenizer.terminator_id
        left = rest[len(pieces[token]) :] if rest else b""
        text = node.text + symbol if ended else text_of(tokenizer, ids, left)
        found.append(TreeNode(symbol, ids, text, prob, node.path_prob * prob, ended))
    return found
