"""Pictures in Python: a figure of its own, or a part of somebody else's, with the same figures."""

from __future__ import annotations

import io
import itertools
import math
import string
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

import tokgen
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.fit_run import Progress
from tokgen.text_model import plots
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.tree import TreeNode

SHOWN = tokgen.NextToken(
    "a", (0,), b"", 0, ("a",), 1, ("a",), ("a", "b", "-"), np.log([0.5, 0.25, 0.25])
)
LEAF = TreeNode("-", (0, 2), "a-", 0.75, 0.375, True)
TREE = TreeNode("", (), "", 1.0, 1.0, False, (TreeNode("a", (0,), "a", 0.5, 0.5, False, (LEAF,)),))
SPACE = EmbeddingSpace(("a", "b", "-"), np.array([[0.0, 0], [1, 0], [0, 2]]))
HISTORY = [Progress(0, 20, 3.0, 3.1), Progress(10, 20, 2.0, 2.5), Progress(20, 20, 1.5, 2.6)]
DRAWN = {
    "distribution": SHOWN.plot,
    "tree": TREE.plot,
    "embeddings": SPACE.plot,
    "losses": lambda ax=None: tokgen.plot_losses(HISTORY, ax=ax),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_picture_stands_alone_or_where_it_is_told(draw):
    alone = draw()
    assert len(alone.axes) == 1
    assert alone._repr_png_().startswith(b"\x89PNG")
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert draw(ax=right) is figure
    assert not left.has_data()
    (own,) = alone.axes
    assert [text.get_text() for text in right.texts] == [text.get_text() for text in own.texts]
    assert len(right.patches) == len(own.patches)


def test_bars_are_as_high_as_what_they_show_is_probable():
    (axes,) = SHOWN.plot().axes
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([0.5, 0.25, 0.25])
    assert axes.get_title() == "after 'a'"


def test_what_is_shown_is_drawn_letter_by_letter():
    symbols = ("$", " ", "\t", "$\\frac{$", "␣", "-")
    text = "$a$ and \x1b$\\nosuch{$"
    row = np.log(np.full(6, 1 / 6))
    shown = tokgen.NextToken("$x$", (0,), b"", 0, ("a",), 1, ("a",), symbols, row)
    space = EmbeddingSpace(symbols, np.arange(12.0).reshape(6, 2))
    leaf = TreeNode(" ", (0,), text, 1.0, 1.0, True)
    told = Explanation("$\\frac{$", np.full((6, 6), 1 / 6), symbols, symbols, shares=True)
    figures = {
        "distribution": shown.plot(),
        "embeddings": space.plot(),
        "tree": plots.tree(replace(leaf, children=(leaf,)), text),
        "corpus": plots.corpus(symbols, np.full((6, 6), 1 / 6), {3: 1}, text),
        "explanation": plots.explanations([told], text),
    }
    seen = {name: seen_in(figure) for name, figure in figures.items()}
    for name in ("distribution", "embeddings", "corpus", "explanation"):
        assert {"$", "␣", "⇥", "\\u2423", "-"} <= seen[name], name
    assert "after '$x$'" in seen["distribution"]
    assert {"$a$ and \\x1b$\\nosuch{$", "␣ 100.0 %"} <= seen["tree"]


def seen_in(figure):
    """The texts of a picture, as they were written into it."""
    written = io.BytesIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(written, format="svg")
    root = ElementTree.fromstring(written.getvalue())
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    return {line for text in texts for line in "".join(text.itertext()).split("\n")}


def test_losses_are_drawn_as_they_were_reported():
    (axes,) = tokgen.plot_losses(HISTORY).axes
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert lines == [[[0, 3.0], [10, 2.0], [20, 1.5]], [[0, 3.1], [10, 2.5], [20, 2.6]]]
    assert axes.get_title() == "training and validation loss"
    (axes,) = tokgen.plot_losses([replace(each, loss=None) for each in HISTORY]).axes
    assert axes.get_title() == "validation loss"
    assert axes.get_legend() is None
    with pytest.raises(tokgen.RequestError, match="nothing to draw"):
        tokgen.plot_losses([Progress(1, 1, None)])


def test_the_map_of_two_numbers_is_the_table():
    (axes,) = SPACE.plot().axes
    drawn = sorted(row for part in axes.collections for row in part.get_offsets().tolist())
    assert drawn == sorted(SPACE.table.tolist())


@pytest.mark.parametrize("seed", range(5))
def test_no_label_of_a_map_hides_a_point_or_another_label(seed):
    numbers = np.random.default_rng(seed)
    table = numbers.normal(size=(27, 2)) ** 3  # many near the middle
    table[3] = table[4] + 0.001
    figure = EmbeddingSpace((*string.ascii_lowercase, "-"), table).plot()
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    assert len(boxes) == 27
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    points = axes.transData.transform(table)
    assert not any(box.contains(*point) for box in boxes for point in points)
    origin, right, up = axes.transData.transform([[0, 0], [1, 0], [0, 1]])
    assert right[0] - origin[0] == pytest.approx(up[1] - origin[1])


@pytest.mark.parametrize(
    ("dimensions", "names"),
    [
        (1, ("dimension 1", "")),
        (2, ("dimension 1", "dimension 2")),
        (3, ("principal component 1", "principal component 2")),
    ],
)
def test_a_map_names_its_axes(dimensions, names):
    space = EmbeddingSpace(("a", "b", "-"), np.arange(3.0 * dimensions).reshape(3, -1) ** 2)
    (axes,) = space.plot().axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == names


def test_embeddings_of_a_model_are_those_of_its_checkpoint():
    model = tokgen.load(checkpoint="shipped:mlp-2d")
    space = model.embeddings()
    np.testing.assert_array_equal(space.table, model.model.embedding_table())
    (nearest, cosine), *_ = space.neighbours("a", 1)
    a, other = space.vector("a"), space.vector(nearest)
    assert cosine == pytest.approx(a @ other / math.hypot(*a) / math.hypot(*other))
    with pytest.raises(tokgen.RequestError, match="has no embedding table"):
        tokgen.load("indian-names", "ngram").embeddings()
