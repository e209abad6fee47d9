"""The generation tree as dot and SVG."""

from __future__ import annotations

import json as json_format
from html import escape

from tokgen.percentages import percent
from tokgen.text_model.tree import TreeNode
from tokgen.text_model.tree_layout import Placed, meaning, placed
from tokgen.unicode import inert


def as_dot(root: TreeNode) -> str:
    """The tree in Graphviz' language."""
    lines = ["digraph tokgen {", "  rankdir=LR;", "  node [shape=plaintext];"]
    lines.append(f"  n0 [label={_quoted(root.text or '(beginning)')}];")
    count = 0

    def add(node: TreeNode, number: int) -> None:
        nonlocal count
        for child in node.children:
            count += 1
            label = f"{child.text} {percent(child.path_prob)}" if child.ended else child.text
            lines.append(f"  n{count} [label={_quoted(label)}];")
            edge = _quoted(f"{child.token} {percent(child.prob)}")
            lines.append(f"  n{number} -> n{count} [label={edge}];")
            add(child, count)

    add(root, 0)
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    return json_format.dumps(inert(text), ensure_ascii=False)


ROW, COLUMN = 26, 150


def as_svg(root: TreeNode) -> str:
    """The tree as a picture: a leaf a row, a level a column, edges as wide as they are probable."""
    drawn = placed(root)
    every = list(drawn.all())
    edges = [_edge(each, child) for each in every for child in each.children]
    width, height = drawn.depth * COLUMN + 220, (drawn.leaves + 2) * ROW
    caption = _label(20, height - ROW / 2, meaning(root, drawn), "normal", size=11)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="monospace" font-size="14">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *(line for line, _ in edges),
            *(label for _, label in edges),
            *map(_node, every),
            caption,
            "</svg>",
        ]
    )


def _height(each: Placed) -> float:
    return (each.row + 1) * ROW


def _node(each: Placed) -> str:
    label = inert(each.node.text) or "(beginning)"
    if not each.children:
        label += f"  {percent(each.node.path_prob)}"
    weight = "bold" if each.node.ended or each.level == 0 else "normal"
    return _label(20 + each.level * COLUMN, _height(each) + 5, label, weight)


def _edge(parent: Placed, child: Placed) -> tuple[str, str]:
    """A line and its label, which has room around it, so that no line strikes it through."""
    begin, end = 80 + parent.level * COLUMN, 14 + child.level * COLUMN
    y, height, prob = _height(parent), _height(child), child.node.prob
    path = f"M{begin},{y} C{begin + 40},{y} {end - 60},{height} {end},{height}"
    line = (
        f'<path d="{path}" fill="none" stroke="#0072b2" stroke-opacity="0.55" '
        f'stroke-width="{0.7 + 7 * prob:.1f}"/>'
    )
    label = f"{inert(child.node.token)} {percent(prob)}".strip()
    return line, _label(end - 62, height + 3, label, "normal", size=10)


def _label(x: float, y: float, text: str, weight: str, size: int = 14) -> str:
    return (
        f'<text x="{x}" y="{y:.1f}" font-weight="{weight}" font-size="{size}" '
        f'paint-order="stroke" stroke="white" stroke-width="5">{escape(text)}</text>'
    )
