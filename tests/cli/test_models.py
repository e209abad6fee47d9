"""`tokgen models`: a user trains, looks at what is kept, and removes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import tokgen
from words import words_file

from tokgen.training.checkpoint import Checkpoint
from tokgen.training.named_models import keep_as


@pytest.fixture
def kept(small_plugins, tmp_path):
    """The rows of two models that were trained on one corpus, the last first."""
    corpus = words_file(tmp_path)
    arguments = ("train", "--corpus", corpus, "--model", "ngram", "--seed", 1)
    for options in (("-o", "order=2"), ("--tokenizer", "started")):
        assert tokgen(*arguments, *options).code == 0
    return tokgen("models", "list", "--json").rows


def test_what_is_kept(kept, tmp_path):
    corpus = str(tmp_path / "words.txt")
    assert [(row["tokenizer"], row["options"], row["used"]) for row in kept] == [
        ("started", {}, True),
        ("characters", {"order": "2"}, False),
    ]
    blocks = tokgen("models", "list").out.split("\n\n")[:-1]
    for row, block, options in zip(kept, blocks, ["the defaults", "order=2"], strict=True):
        first, *lines = block.splitlines()
        assert first.startswith(f"{row['name']}  finished ")
        assert first.endswith(", used by default") == row["used"]
        assert lines == [
            f"  corpus     {corpus}",
            f"  tokenizer  {row['tokenizer']}",
            f"  options    {options} (seed 1)",
            f"  loss       {row['loss']:.4f} nats per token (validation)",
            f"  path       {row['path']}",
        ]
    shown = tokgen("models", "show", kept[0]["name"][:8])
    assert shown.out.startswith(blocks[0])
    assert "validation loss" in shown.out
    (row,) = tokgen("models", "show", kept[0]["name"], "--json").rows
    assert row["metrics"]["validation_loss"] == kept[0]["loss"]
    assert tokgen("generate", "--checkpoint", kept[1]["path"], "-n", 2).code == 0


def test_removing(kept, tmp_path):
    first, second = (row["name"] for row in kept)
    refused = tokgen("models", "remove", first, f"{second}x")
    assert (refused.code, refused.err) == (
        2,
        f"tokgen: No model {second + 'x'!r} is kept. Did you mean {second!r}?\n",
    )
    assert tokgen("models", "remove").code == 2
    assert len(tokgen("models", "list", "--json").rows) == 2
    corpus = tmp_path / "words.txt"
    removed = tokgen("models", "remove", first, first)
    assert (removed.code, removed.out) == (0, "")
    assert removed.err == f"removed {first} of {corpus}: {kept[0]['path']}\n"
    assert [row["name"] for row in tokgen("models", "list", "--json").rows] == [second]
    assert tokgen("models", "remove", "--all-of", corpus).code == 0
    nothing = tokgen("models", "list")
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err.startswith("no models are kept")


def test_what_is_kept_under_a_name_says_which_model_it_is(kept):
    keep_as("class-4b", Checkpoint.load(Path(kept[0]["path"])), 100)
    lines = tokgen("models", "show", "class-4b").out.splitlines()
    assert lines[0].startswith("class-4b  finished ")
    assert lines[1] == "  model      ngram"
    assert "  model      " not in tokgen("models", "show", kept[0]["name"]).out
    assert tokgen("next", "b", "--checkpoint", "kept:class-4b").code == 0
    assert tokgen("models", "remove", "class-4b").code == 0
    assert tokgen("models", "list", "--json").rows == kept
