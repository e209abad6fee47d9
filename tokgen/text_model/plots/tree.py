"""The generation tree as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokgen.percentages import percent
from tokgen.text_model.plots.canvas import (
    BLUE,
    GREY,
    Axes,
    Figure,
    axes_of,
    drawn_symbol,
    drawn_text,
    figure_of,
)
from tokgen.text_model.tree_layout import meaning, placed

if TYPE_CHECKING:
    from tokgen.text_model.tree import TreeNode


def tree(root: TreeNode, title: str, ax: Axes | None = None) -> Figure:
    """The generation tree: a leaf a row, a level a column, edges as wide as they are probable."""
    drawn = placed(root)
    size = 2.2 * drawn.depth + 1.2, 0.32 * drawn.leaves + 1.2
    axes = axes_of(size) if ax is None else ax
    axes.set_axis_off()
    axes.set_xlim(-0.3, drawn.depth + 0.1)
    axes.set_ylim(drawn.leaves - 0.2, -0.8)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    for parent in drawn.all():
        for child in parent.children:
            ends = [parent.level, child.level], [parent.row, child.row]
            wide = 0.7 + 6 * child.node.prob
            axes.plot(*ends, color=BLUE, alpha=0.4, linewidth=wide, solid_capstyle="round")
            label = f"{drawn_symbol(child.node.token)} {percent(child.node.prob)}".strip()
            # Behind the middle, where the lines to its neighbours are apart.
            x, y = (0.35 * a + 0.65 * b for a, b in ends)
            axes.text(x, y, label, fontsize=8, ha="center", va="center", bbox=ground)
    for each in drawn.all():
        label = drawn_text(each.node.text) or "(beginning)"
        if not each.children:
            label += f"  {percent(each.node.path_prob)}"
        weight = "bold" if each.node.ended or each.level == 0 else "normal"
        axes.text(each.level, each.row, label, va="center", fontweight=weight, bbox=ground)
    axes.set_title(drawn_text(title))
    said = meaning(root, drawn)
    axes.text(0, -0.02, said, transform=axes.transAxes, va="top", fontsize=8, color=GREY)
    return figure_of(axes)
