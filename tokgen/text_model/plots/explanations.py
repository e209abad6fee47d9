"""What a model says of its way to a distribution as heat maps."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.plots.canvas import Figure, Picture, drawn_symbol, drawn_text


def is_table_of_shares(step: Explanation) -> bool:
    """Whether `explanations` draws this step."""
    return step.shares and step.values.ndim == 2


def explanations(steps: Sequence[Explanation], title: str) -> Figure:
    """Each step of shares (R, C) as a heat map, one below the other: its columns by its rows."""
    shown = [step for step in steps if is_table_of_shares(step)]
    heights = [1.2 + 0.35 * step.values.shape[1] for step in shown]
    widest = max(len(step.values) for step in shown)
    figure = Picture((max(6.0, 2.0 + 0.4 * widest), sum(heights)), layout="constrained")
    grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
    figure.suptitle(drawn_text(title))
    for axes, step in zip(grid[:, 0], shown, strict=True):
        image = axes.imshow(step.values.T, cmap="cividis", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(step.rows)), [*map(_label, step.rows)])
        axes.set_yticks(range(len(step.columns)), [*map(_label, step.columns)])
        axes.set_title(drawn_text(step.name), fontsize="medium")
    figure.colorbar(image, ax=grid, label="share")
    return figure


def _label(name: str) -> str:
    """The name of a row or column, which may be that of a token."""
    return drawn_symbol(name) if len(name) == 1 else drawn_text(name)
