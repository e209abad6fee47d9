"""Pictures, for print and projection: the only importer of matplotlib (the `plot` extra).

Colours are those of Okabe & Ito, told apart by the colour-blind; shapes and labels say the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats
from tokgen.errors import RequestError, did_you_mean
from tokgen.files import writing_whole
from tokgen.plugin_api.fit_run import Progress
from tokgen.plugin_api.model import Explanation
from tokgen.text_model.comparison import Measured
from tokgen.text_model.embeddings import EmbeddingMap
from tokgen.text_model.tree import TreeNode
from tokgen.text_model.tree_layout import meaning, placed
from tokgen.text_model.unit import Unit
from tokgen.text_model.vowels import VOWELS
from tokgen.training.references import References
from tokgen.unicode import inert, shown_symbol

try:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError:
    raise RequestError(
        "Pictures need matplotlib, which is not installed: python -m pip install matplotlib."
    ) from None

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
SIZE = (9.0, 5.5)


def check_drawable(path: Path) -> None:
    """Refuse before the work what no picture can be written into.

    Raises:
        RequestError: the ending is of no known format.
    """
    known = Figure().canvas.get_supported_filetypes()
    ending = _format(path)
    if ending not in known:
        raise RequestError(
            f"Cannot draw {str(path)!r}: {ending!r} is no format of pictures."
            f"{did_you_mean(ending, known)}"
        )


def _format(path: Path) -> str:
    return path.suffix.removeprefix(".").lower() or "png"


def save(figure: Figure, path: Path) -> None:
    """Write a picture; the file's ending says whether PNG, SVG or another format.

    Raises:
        RequestError: the ending is of no known format.
        TokgenError: it cannot be written there.
    """
    check_drawable(path)
    with writing_whole(path) as file:
        figure.savefig(file, format=_format(path), dpi=200, bbox_inches="tight")


def losses(history: Sequence[Progress], beside: References, path: Path) -> None:
    """Training and validation loss by step, from step 0 on, and what predicts without the model."""
    figure = Figure(SIZE)
    axes = figure.subplots()
    trained = [(p.step, p.loss) for p in history if p.loss is not None]
    held_out = [(p.step, p.validation_loss) for p in history if p.validation_loss is not None]
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
    guessing = f"guessing, ln {beside.tokens} = {beside.uniform:.2f}"
    axes.axhline(beside.uniform, color=GREY, linestyle=":", label=guessing)
    if beside.baseline is not None:
        n_gram = f"n-gram, {beside.baseline:.2f} on validation"
        axes.axhline(beside.baseline, color=GREEN, linestyle="--", label=n_gram)
    axes.set_xlim(left=0, right=max(history[-1].step, 1))
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats per token")
    axes.grid(alpha=0.3)
    axes.legend()
    save(figure, path)


def distributions(
    symbols: Sequence[str], columns: Sequence[tuple[str, Floats]], title: str, path: Path
) -> None:
    """Probabilities of the next token, one group of bars a symbol, one colour a column."""
    figure = Figure((11.0, 5.0))
    axes = figure.subplots()
    places = np.arange(len(symbols))
    width = 0.85 / len(columns)
    for number, (label, probabilities) in enumerate(columns):
        shift = (number - (len(columns) - 1) / 2) * width
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(places + shift, probabilities, width, label=label, color=colour)
    axes.set_xticks(places, symbols)
    axes.set_xlim(-0.6, len(symbols) - 0.4)
    axes.set_ylabel("probability")
    axes.set_title(title)
    axes.grid(axis="y", alpha=0.3)
    _explain_series(axes)
    save(figure, path)


def tree(root: TreeNode, title: str, path: Path) -> None:
    """The generation tree: a leaf a row, a level a column, edges as wide as they are probable."""
    drawn = placed(root)
    figure = Figure((2.2 * drawn.depth + 1.2, 0.32 * drawn.leaves + 1.2))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.3, drawn.depth + 0.1)
    axes.set_ylim(drawn.leaves - 0.2, -0.8)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    for parent in drawn.all():
        for child in parent.children:
            ends = [parent.level, child.level], [parent.row, child.row]
            wide = 0.7 + 6 * child.node.prob
            axes.plot(*ends, color=BLUE, alpha=0.4, linewidth=wide, solid_capstyle="round")
            label = f"{shown_symbol(child.node.token)} {100 * child.node.prob:.1f} %"
            # Behind the middle, where the lines to its neighbours are apart.
            x, y = (0.35 * a + 0.65 * b for a, b in ends)
            axes.text(x, y, label, fontsize=8, ha="center", va="center", bbox=ground)
    for each in drawn.all():
        label = inert(each.node.text) or "(beginning)"
        if not each.children:
            label += f"  {100 * each.node.path_prob:.2g} %"
        weight = "bold" if each.node.ended or each.level == 0 else "normal"
        axes.text(each.level, each.row, label, va="center", fontweight=weight, bbox=ground)
    axes.set_title(title)
    figure.text(0.02, 0.02, meaning(root, drawn), fontsize=8, color=GREY)
    save(figure, path)


def families(found: Sequence[Measured], path: Path, unit: Unit = Unit.nats) -> None:
    """The loss of each model, with its 95 % interval, by its parameters and by its seconds.

    A model whose training was not timed is only in the first picture, one whose loss is infinite in
    neither; both are named below.
    """
    figure = Figure((12.0, 5.0), layout="constrained")
    of_size, of_time = figure.subplots(1, 2, sharey=True)
    finite = [each for each in found if math.isfinite(each.nll)]
    _losses_by(of_size, finite, [each.parameters for each in finite], "parameters", unit)
    timed = [each for each in finite if each.seconds]
    seconds = [each.seconds or 0.0 for each in timed]
    _losses_by(of_time, timed, seconds, "seconds of training", unit)
    of_size.set_ylabel(f"loss, {unit} per token")
    figure.supxlabel(_not_drawn(found), fontsize="small")
    save(figure, path)


def _not_drawn(found: Sequence[Measured]) -> str:
    """Which models are not in both pictures, and why; empty where all are."""
    infinite = [each.model for each in found if math.isinf(each.nll)]
    untimed = [each.model for each in found if not math.isinf(each.nll) and not each.seconds]
    said = []
    if infinite:
        said.append(f"The loss is infinite: {', '.join(infinite)}.")
    if untimed:
        said.append(f"The seconds of training are unknown: {', '.join(untimed)}.")
    return "\n".join(said)


def _losses_by(
    axes: Axes, found: Sequence[Measured], places: Sequence[float], label: str, unit: Unit
) -> None:
    for number, (each, place) in enumerate(zip(found, places, strict=True)):
        loss = unit.of(each.nll)
        around = [[loss - unit.of(each.nll_low)], [unit.of(each.nll_high) - loss]]
        colour = COLOURS[number % len(COLOURS)]
        axes.errorbar([place], [loss], around, marker="o", capsize=4, color=colour)
        axes.annotate(
            each.model,
            (place, loss),
            xytext=(8, 4),
            textcoords="offset points",
            color=colour,
        )
    axes.set_xscale("log")
    axes.margins(x=0.3)
    axes.set_xlabel(label)
    axes.grid(alpha=0.3)


def is_table_of_shares(step: Explanation) -> bool:
    """Whether `explanations` draws this step."""
    return step.shares and step.values.ndim == 2


def explanations(steps: Sequence[Explanation], title: str, path: Path) -> None:
    """Each step of shares (R, C) as a heat map, one below the other: its columns by its rows."""
    shown = [step for step in steps if is_table_of_shares(step)]
    heights = [1.2 + 0.35 * step.values.shape[1] for step in shown]
    widest = max(len(step.values) for step in shown)
    figure = Figure((max(6.0, 2.0 + 0.4 * widest), sum(heights)), layout="constrained")
    grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
    figure.suptitle(title)
    for axes, step in zip(grid[:, 0], shown, strict=True):
        image = axes.imshow(step.values.T, cmap="cividis", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(step.rows)), step.rows)
        axes.set_yticks(range(len(step.columns)), step.columns)
        axes.set_title(step.name, fontsize="medium")
    figure.colorbar(image, ax=grid, label="share")
    save(figure, path)


def embedding_map(shown: EmbeddingMap, title: str, path: Path) -> None:
    """Symbols on a plane; vowels and consonants differ in colour, weight and shape.

    Where the map knows the places before the training, an arrow leads from each to the one after.
    """
    figure = Figure((8.0, 7.0))
    axes = figure.subplots()
    points = shown.points
    if shown.before is not None:
        moves = zip(shown.before.tolist(), points.tolist(), strict=True)
        for begun, ended in moves:
            how = {"arrowstyle": "->", "color": GREY, "alpha": 0.4, "shrinkB": 8}
            axes.annotate("", ended, begun, arrowprops=how)
        axes.scatter(*shown.before.T, color=GREY, marker=".", label="before the training")
    vowels = np.array([symbol in VOWELS for symbol in shown.symbols])
    for chosen, colour, marker, label in (
        (vowels, ORANGE, "s", "vowels"),
        (~vowels, BLUE, "o", "others"),
    ):
        if chosen.any():
            x, y = points[chosen].T
            axes.scatter(x, y, color=colour, marker=marker, s=330, alpha=0.3, label=label)
    labels = zip(shown.symbols, points, apart(points), vowels, strict=True)
    for symbol, point, (x, y), vowel in labels:
        weight = "bold" if vowel else "normal"
        axes.plot(*zip(point, (x, y), strict=True), color=GREY, linewidth=0.6)
        axes.text(x, y, symbol, ha="center", va="center", fontsize=14, fontweight=weight)
    axes.set_title(title)
    axes.grid(alpha=0.3)
    _explain_series(axes, markerscale=0.5)
    save(figure, path)


def apart(points: Floats, share: float = 0.035) -> Floats:
    """Places (N, 2) of labels near their points, so far apart that none overprints another.

    Args:
        share: the least distance, of the points' span.
    """
    least = share * (float(np.ptp(points, axis=0).max()) or 1.0)
    places = points + least * 1e-3 * np.random.default_rng(0).standard_normal(points.shape)
    for _ in range(200):
        between = places[:, None] - places
        distances = np.linalg.norm(between, axis=-1) + least * np.eye(len(places))
        lacks = np.maximum(least - distances, 0.0) / distances
        if not lacks.any():
            break
        places = places + 0.5 * (between * lacks[..., None]).sum(axis=1)
    return places


def _explain_series(axes: Axes, **options: float) -> None:
    """A legend below the axes where there are several series; a single one needs none."""
    count = len(axes.get_legend_handles_labels()[1])
    if count > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=count, **options)


def corpus(
    symbols: Sequence[str], pairs: NDArray[np.float64], lengths: dict[int, int], path: Path
) -> None:
    """What follows what, as a heat map of shares (V, V) by row, beside the lengths."""
    figure = Figure((14.0, 7.0))
    heat, bars = figure.subplots(1, 2, width_ratios=[1.5, 1])
    image = heat.imshow(pairs, cmap="cividis")
    heat.set_xticks(range(len(symbols)), symbols)
    heat.set_yticks(range(len(symbols)), symbols)
    heat.set_xlabel("next symbol")
    heat.set_ylabel("symbol")
    figure.colorbar(image, ax=heat, label="share of what follows", shrink=0.8)
    bars.bar(list(lengths), list(lengths.values()), color=BLUE)
    bars.set_xlabel("characters")
    bars.set_ylabel("documents")
    bars.grid(axis="y", alpha=0.3)
    save(figure, path)
