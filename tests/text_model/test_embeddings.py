"""Embeddings on a plane: exact where two numbers are all, else the axes that hold the most."""

from __future__ import annotations

import numpy as np
import pytest
from overlapping import MODELS
from running import tokgen

from tokgen.errors import RequestError
from tokgen.text_model.embedding_space import EmbeddingSpace
from tokgen.text_model.embeddings import (
    better_map,
    flat_checkpoint,
    initial_space_of,
    space_of,
)
from tokgen.text_model.loading import load

SYMBOLS = tuple("abcdefghij")


def space(width, seed=0):
    table = np.random.default_rng(seed).normal(size=(len(SYMBOLS), width))
    return EmbeddingSpace(SYMBOLS, table * np.linspace(3, 1, width))


@pytest.mark.parametrize("width", [1, 2])
def test_narrow_tables_are_their_own_map(width):
    here = space(width).map(space(width, 1))
    np.testing.assert_array_equal(here.points[:, :width], space(width).table)
    np.testing.assert_array_equal(here.before[:, :width], space(width, 1).table)
    assert here.share == 1
    assert not here.shows_little


def test_two_axes_hold_as_much_as_two_can():
    table = space(6).table
    covariance = np.cov(table.T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    here = space(6).map()
    assert here.share == pytest.approx(values[-2:].sum() / values.sum())
    expected = (table - table.mean(axis=0)) @ vectors[:, [-1, -2]]
    np.testing.assert_allclose(np.abs(here.points), np.abs(expected), atol=1e-9)


def test_what_was_before_is_on_the_same_axes():
    moved = EmbeddingSpace(SYMBOLS, space(6).table + 0.5)
    there, here = space(6).map(moved), space(6).map(space(6))
    np.testing.assert_allclose(here.before, here.points, atol=1e-9)
    shifts = there.before - there.points
    np.testing.assert_allclose(shifts, np.broadcast_to(shifts[0], shifts.shape), atol=1e-9)
    assert np.linalg.norm(shifts[0]) <= 0.5 * np.sqrt(6) + 1e-9


def test_json_has_both_places():
    model = load(checkpoint="shipped:mlp-2d")
    rows = tokgen("embeddings", "--checkpoint", "shipped:mlp-2d", "--both", "--json").rows
    for row, now, before in zip(
        rows, space_of(model).table.tolist(), initial_space_of(model).table.tolist(), strict=True
    ):
        assert row["map"] == row["embedding"] == now
        assert row["map_before"] == before


def test_a_map_that_shows_little_names_one_that_shows_more():
    wide, flat = load("indian-names"), load(checkpoint="shipped:mlp-2d")
    assert flat_checkpoint(wide.corpus) == "shipped:mlp-2d"
    assert "shipped:mlp-2d has 2 dimensions" in better_map(wide, space_of(wide).map())
    assert better_map(flat, space_of(flat).map()) is None
    done = tokgen("embeddings")
    assert better_map(wide, space_of(wide).map()) in done.err
    assert "tokgen" not in done.out


def test_a_model_without_a_table_refuses():
    with pytest.raises(RequestError, match="has no embedding table"):
        space_of(MODELS["table"])


def test_what_is_no_map_stands_alone():
    for more in (("--near", "a"), ("--analogy", "a:e::k"), ("--table",)):
        done = tokgen("embeddings", "--both", *more)
        assert done.code == 2
        assert f"{more[0]} has no effect with --both" in done.err
    assert tokgen("embeddings", "--both", "--initial").code == 2


def test_a_session_shows_the_same():
    lines = [
        ("", ()),
        (" table", ("--table",)),
        (" near i", ("--near", "i")),
        (" a:e::k", ("--analogy", "a:e::k")),
        (" both", ("--both",)),
    ]
    flat = ("--checkpoint", "shipped:mlp-2d")
    for typed, options in lines:
        done = tokgen("repl", "--seed", 1, *flat, stdin=f":embeddings{typed}\n:quit\n")
        assert done.out == tokgen("embeddings", *flat, *options).out
    refused = tokgen("repl", "--seed", 1, *flat, stdin=":embeddings nothing\n:quit\n").out
    told = "'nothing' is no view of the embeddings. There are: :embeddings [both | table |"
    assert refused.startswith(told)
    rows = tokgen("repl", "--seed", 1, "--json", stdin=":embeddings\n:embeddings near a\n").rows
    assert [row["event"] for row in rows] == ["mapped", "nearby"]
    assert "shipped:mlp-2d" in rows[0]["better"]
