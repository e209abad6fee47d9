"""The map of embeddings in a terminal: every label near its place, none over another."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tokgen.cli.views.embedding_map import show_map
from tokgen.text_model.embedding_space import EmbeddingSpace

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def drawn(points, before=None, width=80, height=24):
    console = Console(
        file=io.StringIO(), width=width, height=height, markup=False, force_terminal=True
    )
    symbols = tuple(LETTERS[: len(points)])
    others = None if before is None else EmbeddingSpace(symbols, before)
    show_map(console, EmbeddingSpace(symbols, points).map(others))
    lines = [plain(line) for line in console.file.getvalue().splitlines()]
    bottom = max(number for number, line in enumerate(lines) if line.startswith("└"))
    return [line[1:-1] for line in lines[1:bottom]], lines[bottom + 1 :], lines


def plain(line):
    from rich.text import Text

    return Text.from_ansi(line).plain


def places(rows, label):
    return [(line, row.index(label)) for line, row in enumerate(rows) if label in row]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (120, 40)])
def test_it_fits_the_terminal(width, height):
    points = np.random.default_rng(0).normal(size=(26, 2))
    _, _, lines = drawn(points, points[::-1].copy(), width, height)
    assert len(lines) <= height - 2
    assert max(map(len, lines)) <= width


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_labels_lie_as_the_points_do(seed, stretched):
    points = np.random.default_rng(seed).normal(size=(8, 2)) * [stretched, 1]
    rows, said, _ = drawn(points, width=100, height=40)
    assert "no room" not in " ".join(said)
    found = {
        letter: places(rows, f"[{letter}]" if letter in "aeiou" else letter)[0]
        for letter in LETTERS[:8]
    }
    per_cell = max(np.ptp(points, axis=0) / [90, 60])
    for one in range(8):
        for other in range(8):
            right, up = points[one] - points[other]
            (line, column), (below, beside) = found[LETTERS[one]], found[LETTERS[other]]
            if right > 20 * per_cell:
                assert column > beside
            if up > 20 * per_cell:
                assert line < below


def test_what_has_no_room_is_counted():
    points = np.zeros((26, 2))
    rows, said, _ = drawn(points)
    shown = sum(letter in "".join(rows) for letter in LETTERS)
    assert shown < 26
    assert f"{26 - shown} more have no room" in " ".join(said)


def test_vowels_and_beginnings_are_told_apart_without_colour():
    points = np.array([[0.0, 0.0], [5.0, 0.0], [5.0, 5.0]])
    rows, said, _ = drawn(points, points[::-1].copy() + 1)
    text = "".join(rows)
    assert all(label in text for label in ("[a]", " b", " c", "·a", "·b", "·c"))
    assert "[b]" not in text
    assert "[a] is a vowel; ·a is where a began" in " ".join(said)


def test_a_symbol_that_is_cut_shows_that_it_is():
    console = Console(file=io.StringIO(), width=60, height=20)
    symbols = (" tokenizer", " letters", "-")
    show_map(console, EmbeddingSpace(symbols, np.eye(3, 2)).map())
    shown = console.file.getvalue()
    assert "␣tokeni…" in shown
    assert "␣letters" in shown
