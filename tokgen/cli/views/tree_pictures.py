"""The generation tree as dot and SVG."""

from __future__ import annotations

import json as json_format
from html import escape

from tokgen.cli.views.bars import percent
from tokgen.text_model.tree import TreeNode
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
    parts: list[str] = []
    rows = 0

    def place(node: TreeNode, level: int) -> float:
        nonlocal rows
        if not node.children:
            rows += 1
            y = float(rows * ROW)
        else:
            heights = [place(child, level + 1) for child in node.children]
            y = (heights[0] + heights[-1]) / 2
            for child, height in zip(node.children, heights, strict=True):
                parts.append(_edge(level, y, height, child))
        label = inert(node.text) or "(beginning)"
        if not node.children:
            label += f"  {percent(node.path_prob)}"
        weight = "bold" if node.ended or level == 0 else "normal"
        parts.append(_label(20 + level * COLUMN, y + 5, label, weight))
        return y

    place(root, 0)
    width, height = _depth(root) * COLUMN + 220, (rows + 1) * ROW
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="monospace" font-size="14">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *parts,
            "</svg>",
        ]
    )


def _depth(node: TreeNode) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)


def _edge(level: int, y: float, height: float, child: TreeNode) -> str:
    begin, end = 80 + level * COLUMN, 14 + (level + 1) * COLUMN
    path = f"M{begin},{y} C{begin + 40},{y} {end - 60},{height} {end},{height}"
    wide = 0.7 + 7 * child.prob
    label = f"{inert(child.token)} {percent(child.prob)}"
    return (
        f'<path d="{path}" fill="none" stroke="#0072b2" stroke-opacity="0.55" '
        f'stroke-width="{wide:.1f}"/>' + _label(end - 62, height - 4, label, "normal", size=10)
    )


def _label(x: float, y: float, text: str, weight: str, size: int = 14) -> str:
    return (
        f'<text x="{x}" y="{y:.1f}" font-weight="{weight}" font-size="{size}">{escape(text)}</text>'
    )
