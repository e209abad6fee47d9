"""What notebooks show: the figures by hand, and text that stays text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from notebook_page import HOSTILE, Read, shown

from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.results import Score
from tokgen.text_model.tree import TreeNode


def test_distribution_tells_the_probabilities_and_what_is_removed():
    page = Read(shown("ab-", [0.5, 0.25, 0.25], [2 / 3, 0, 1 / 3])._repr_html_())
    assert sorted(page.opened) == sorted(page.closed)
    assert page.texts[page.texts.index("token") :] == [
        *["token", "model", "sampler 1"],
        *["a", "50.0 %", "66.7 %"],
        *["b", "25.0 %", "removed"],
        *["-", "25.0 %", "33.3 %"],
    ]
    # The entropy after the sampler: log2(3) - 2/3.
    assert "entropy 0.92 bits" in " ".join(page.texts)


def test_a_map_has_the_distances_of_the_table():
    space = EmbeddingSpace(("a", "b", "-"), np.array([[0.0, 0], [1, 0], [0, 2]]))
    page = space._repr_html_()
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', page)
    (a, b, end) = np.array(places, float)
    assert np.linalg.norm(end - a) == pytest.approx(2 * np.linalg.norm(b - a), abs=0.2)
    assert b[0] > a[0]
    assert end[1] < a[1]  # Upwards.
    assert [text for text in Read(page).texts if text][1:] == ["a", "b", "-"]


def test_what_the_model_excludes_is_not_called_removed():
    page = Read(shown("ab-", [0.5, 0, 0.5], [1, 0, 0])._repr_html_())
    assert page.texts.count("removed") == 1
    assert page.texts[page.texts.index("b") :][:3] == ["b", "·", "·"]


def test_rows_that_are_not_shown_are_counted_and_summed():
    symbols = [chr(ord("a") + number) for number in range(12)]
    page = Read(shown(symbols, [0.45, *[0.05] * 11])._repr_html_())
    assert page.texts[-2:] == ["… 2 more tokens", "10.0 %"]
    assert page.opened.count("tr") == 1 + 10 + 1


def test_score_stands_in_bits_under_its_tokens():
    score = Score("ab", ("a", "b", "-"), tuple(np.log([0.5, 0.25, 0.125]).tolist()))
    page = Read(score._repr_html_())
    assert page.texts[-6:] == ["a", "b", "-", "1.0", "2.0", "3.0"]
    assert "log₂ p -6.00, 2.00 bits per token" in " ".join(page.texts)


def test_tree_tells_both_probabilities_and_what_is_left_out():
    leaf = TreeNode("-", (0, 2), "a-", 0.75, 0.375, True)
    child = TreeNode("a", (0,), "a", 0.5, 0.5, False, (leaf,), 2)
    page = Read(TreeNode("", (), "", 1.0, 1.0, False, (child,), 4)._repr_html_())
    assert sorted(page.opened) == sorted(page.closed)
    said = [text for text in page.texts if text]
    assert said[said.index("a") :] == [
        *["a", "50.0 %; 50.0 %"],
        *["-", "75.0 %; 37.5 %"],
        "1 more: 25.0 %; 12.5 %",
        "3 more: 50.0 %; 50.0 %",
    ]


@pytest.mark.parametrize(
    "page",
    [
        shown((HOSTILE, "-"), [0.5, 0.5], prefix=HOSTILE)._repr_html_(),
        Score(HOSTILE, (HOSTILE, "-"), (-1.0, -1.0))._repr_html_(),
        TreeNode(
            "", (), HOSTILE, 1.0, 1.0, False, (TreeNode(HOSTILE, (0,), HOSTILE, 1.0, 1.0, False),)
        )._repr_html_(),
        EmbeddingSpace((HOSTILE, "-"), np.eye(2))._repr_html_(),
    ],
    ids=["distribution", "score", "tree", "embeddings"],
)
def test_text_is_text(page):
    assert "img" not in Read(page).opened
    assert not re.search(r"<script|javascript:|<style", page)
