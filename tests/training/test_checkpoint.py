"""Checkpoints: what is saved comes back; what is damaged is refused in a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from tokgen.errors import RequestError, TokgenError
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.training.checkpoint import Checkpoint, read_metadata
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    words = folder / "words.txt"
    words.write_text("\n".join(f"{a}{b}na" for a in "bdk" for b in "aeiou") + "\n")
    checkpoint = train(
        plan(Recipe(corpus=str(words), model="ngram", options={"order": 3}))
    ).checkpoint
    path = folder / "m.safetensors"
    checkpoint.save(path)
    return checkpoint, path


def test_what_is_saved_comes_back(trained):
    checkpoint, path = trained
    again = Checkpoint.load(path)
    assert again.metadata == checkpoint.metadata == read_metadata(path)
    prefixes = Prefixes.of([[], [1, 4], [2, 3]]).last(2)
    expected = checkpoint.model.next_logprobs(prefixes)
    np.testing.assert_array_equal(again.model.next_logprobs(prefixes), expected)


def test_no_flipped_bit_is_taken_silently(trained, tmp_path):
    _, path = trained
    content = path.read_bytes()
    generator = np.random.default_rng(0)
    damaged = tmp_path / "damaged.safetensors"
    for place in generator.integers(0, len(content), 200).tolist():
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(generator.integers(8))
        damaged.write_bytes(flipped)
        with pytest.raises(RequestError) as raised:
            Checkpoint.load(damaged)
        assert str(damaged) in str(raised.value)


def test_no_truncation_is_taken(trained, tmp_path):
    _, path = trained
    content = path.read_bytes()
    damaged = tmp_path / "damaged.safetensors"
    for length in [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]:
        damaged.write_bytes(content[:length])
        with pytest.raises(RequestError):
            Checkpoint.load(damaged)


def rewritten(path, target, change):
    with safe_open(path, framework="numpy") as file:
        entries = file.metadata()
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tree = json.loads(entries["tokgen"])
    change(tree, arrays)
    save_file(arrays, target, {**entries, "tokgen": json.dumps(tree)})
    return target


def test_a_newer_format_is_told(trained, tmp_path):
    path = rewritten(trained[1], tmp_path / "x", lambda tree, _: tree.update(format=99))
    with pytest.raises(RequestError, match="has format 99; this tokgen reads format 1"):
        Checkpoint.load(path)


def test_a_tensor_of_another_shape_is_told(trained, tmp_path):
    def shorten(_, arrays):
        arrays["counts.1"] = arrays["counts.1"][:-1]

    path = rewritten(trained[1], tmp_path / "x", shorten)
    with pytest.raises(RequestError, match="was damaged"):
        Checkpoint.load(path)


def test_another_programs_file_is_told(tmp_path):
    save_file({"weight": np.zeros(3)}, tmp_path / "x")
    with pytest.raises(RequestError, match="was not written by tokgen"):
        Checkpoint.load(tmp_path / "x")


def test_what_cannot_be_written_leaves_what_was_there(trained, tmp_path):
    checkpoint, _ = trained
    with pytest.raises(TokgenError, match="Cannot write"):
        checkpoint.save(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("here")
    with pytest.raises(TokgenError, match="Cannot write"):
        checkpoint.save(blocked / "m.safetensors")
    assert blocked.read_text() == "here"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]
