"""The losses of a training by step."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import Progress
from tokgen.text_model.argument_names import asked_by_name
from tokgen.text_model.plots.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Axes,
    Figure,
    axes_of,
    figure_of,
)
from tokgen.training.references import References
from tokgen.unit import Unit

SIZE = (9.0, 5.5)


@asked_by_name()
def plot_losses(
    history: Sequence[Progress],
    beside: References | None = None,
    ax: Axes | None = None,
    unit: str = Unit.nats,
) -> Figure:
    """Training and validation loss by step, and beside them what predicts without the model.

    Args:
        history: what a training reported, as `on_progress` is given it.
        ax: where to draw; None makes a figure.
        unit: of the losses, "nats" or "bits".

    Raises:
        RequestError: `history` holds no loss.
    """
    of = Unit(unit).of
    axes = axes_of(SIZE) if ax is None else ax
    trained = [(p.step, of(p.loss)) for p in history if p.loss is not None]
    held_out = [(p.step, of(p.validation_loss)) for p in history if p.validation_loss is not None]
    if not (trained or held_out):
        raise RequestError("This model reports no losses while it is fitted: nothing to draw.")
    if trained:
        with_dropout = any(each.with_dropout for each in history)
        label = "training, with dropout on" if with_dropout else "training"
        axes.plot(*zip(*trained, strict=True), color=BLUE, label=label)
    if held_out:
        axes.plot(
            *zip(*held_out, strict=True),
            color=ORANGE,
            marker="s",
            clip_on=False,
            label="validation",
        )
    if beside is not None:
        _draw_references(axes, beside, Unit(unit))
    axes.set_xlim(left=0, right=max(history[-1].step, 1))
    drawn = [name for name, line in (("training", trained), ("validation", held_out)) if line]
    axes.set_title(f"{' and '.join(drawn)} loss")
    axes.set_xlabel("step")
    axes.set_ylabel(f"loss, {unit} per token")
    axes.grid(alpha=0.3)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend()
    return figure_of(axes)


def _draw_references(axes: Axes, beside: References, unit: Unit) -> None:
    guessing = f"guessing, {unit.log} {beside.tokens} = {unit.of(beside.uniform):.2f}"
    axes.axhline(unit.of(beside.uniform), color=GREY, linestyle=":", label=guessing)
    if beside.baseline is not None:
        baseline = unit.of(beside.baseline)
        n_gram = f"n-gram, {baseline:.2f} on validation"
        axes.axhline(baseline, color=GREEN, linestyle="--", label=n_gram)
