"""Pictures are drawn as PNG and SVG, and their lack of matplotlib is one plain sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import tokgen

from tokgen.plugin_api.explanation import Explanation
from tokgen.text_model.embedding_map import apart
from tokgen.text_model.plots import explanations, is_table_of_shares, save

PICTURES = {
    "next": ["next", "abi", "--temp", "0.5", "--temp", "2"],
    "embeddings": ["embeddings"],
    "map": ["embeddings", "--checkpoint", "shipped:mlp-2d", "--initial"],
    "both": ["embeddings", "--checkpoint", "shipped:mlp-2d", "--both"],
    "tree": ["tree", "abi", "--depth", "5", "--width", "4", "--top-k", "9"],
    "chain": ["next", "abi", "--top-k", "4"],
    "one": ["next", "abi"],
    "corpus": ["corpora", "show"],
    "losses": ["train", "--model", "mlp", "-o", "steps=20", "-o", "evaluate_every=5"],
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name, tmp_path):
    for ending in ("png", "svg"):
        path = tmp_path / f"{name}.{ending}"
        done = tokgen(*PICTURES[name], "--plot", path)
        assert done.code == 0, done.err
        assert done.err.splitlines()[-1] == f"wrote {path}"
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / f"{name}.svg").getroot().tag.endswith("svg")


@given(st.integers(2, 40), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_labels_do_not_overprint_each_other(count, seed):
    points = np.random.default_rng(seed).normal(size=(count, 2)).round(1)
    places = apart(points, 0.03)
    span = np.ptp(points, axis=0).max()
    distances = np.linalg.norm(places[:, None] - places, axis=-1) + 9 * np.eye(count)
    assert distances.min() > 0.015 * span
    assert np.linalg.norm(places - points, axis=1).max() < 0.3 * span


def test_one_series_has_no_legend_and_the_chain_stands_in_the_title(tmp_path):
    path = tmp_path / "one.svg"
    tokgen("next", "abi", "--plot", path)
    assert 'id="legend_1"' not in path.read_text()
    tokgen("next", "abi", "--top-k", 4, "--plot", path)
    drawn = path.read_text()
    assert 'id="legend_1"' in drawn
    assert "top_k k=4" in drawn
    assert "under the chain" in drawn


def test_attention_is_drawn_head_by_head_over_the_tokens(tmp_path):
    steps = [
        Explanation("attention", np.eye(2), ("-", "a"), ("head 1", "head 2"), shares=True),
        Explanation("weights", np.array([0.5, 0.5]), ("x", "y"), shares=True),
        Explanation("logits", np.zeros((2, 2)), columns=("x", "y")),
    ]
    assert [is_table_of_shares(step) for step in steps] == [True, False, False]
    path = tmp_path / "attention.svg"
    save(explanations(steps, "after 'a'"), path)
    assert ElementTree.parse(path).getroot().tag.endswith("svg")
    drawn = path.read_text()
    assert all(f"<!-- {text} -->" in drawn for text in ("attention", "head 1", "head 2", "a"))
    assert "logits" not in drawn


def test_wrong_pictures_are_told(tmp_path):
    done = tokgen("next", "abi", "--plot", tmp_path / "x.docx")
    assert done.code == 2
    assert "Cannot draw" in done.err
    done = tokgen(
        "train", "--model", "ngram", "--output", tmp_path / "m", "--plot", tmp_path / "x.png"
    )
    assert done.code == 2
    assert "nothing to draw" in done.err


def test_without_matplotlib_there_is_a_sentence(tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not here')\n")
    done = subprocess.run(
        [sys.executable, "-m", "tokgen", "next", "abi", "--plot", "x.png"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 2
    assert "python -m pip install matplotlib" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_picture_of_a_tree_tells_what_it_leaves_out_as_the_terminal_does(tmp_path):
    asked, path = ("tree", "abi", "--depth", 2, "--width", 2), tmp_path / "tree.svg"
    shown = tokgen(*asked).out
    rests = re.findall(r"── (\d+ more) +([\d.]+ %) +([\d.]+ %)", shown)
    assert len(rests) == 3
    tokgen(*asked, "--plot", path)
    drawn = [path.read_text(), tokgen(*asked, "--format", "svg").out]
    for picture in drawn:
        for more, after_prefix, of_path in rests:
            assert f"{more}  {of_path}" in picture
            assert after_prefix in picture


def test_trees_as_svg_and_dot():
    root = ElementTree.fromstring(tokgen("tree", "abi", "--format", "svg").out)
    texts = [element.text for element in root if element.tag.endswith("text")]
    assert "abi" in texts
    dot = tokgen("tree", "abi", "--depth", 2, "--width", 2, "--format", "dot").out
    assert dot.count("->") == sum(1 for line in dot.splitlines() if "->" in line) >= 3
    (row,) = tokgen("tree", "abi", "--json").rows
    assert row["text"] == "abi"
    assert all(child["path_prob"] == child["prob"] for child in row["children"])
