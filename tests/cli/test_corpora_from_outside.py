"""A corpus as a table, from standard input and from a pipe: named, learnt from, used again."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from running import tokgen
from words import WORDS

LINES = "\n".join(WORDS) + "\n"


def test_names_from_a_column_of_a_table(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("id,word\n" + "".join(f"{i},{word}\n" for i, word in enumerate(WORDS)))
    refused = tokgen("generate", "--corpus", path)
    assert refused.code == 2
    assert "id, word" in refused.err
    assert "--column NAME" in refused.err
    model = tmp_path / "m.st"
    asked = ("--corpus", path, "--column", "word")
    trained = tokgen("train", *asked, "--model", "ngram", "--seed", 1, "--output", model)
    assert trained.code == 0, trained.err
    drawn = tokgen("generate", "--checkpoint", model, "--seed", 1, "--format", "jsonl").rows
    assert [row["novel"] for row in drawn] == [row["text"] not in WORDS for row in drawn]


@pytest.mark.parametrize("model", ["ngram"])
def test_a_corpus_from_standard_input(model):
    asked = ("--corpus", "-", "--model", model, "--seed", 1, "--format", "jsonl", "-n", 50)
    done = tokgen("generate", *asked, stdin=LINES)
    assert done.code == 0, done.err
    assert {row["novel"] for row in done.rows} == {True, False}
    again = tokgen("generate", *asked, stdin=LINES)
    assert again.out == done.out
    assert "trained before" in again.err


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="pipes have no names here")
def test_a_corpus_from_a_pipe():
    reading, writing = os.pipe()
    os.write(writing, LINES.encode())
    os.close(writing)
    command = ["generate", "--corpus", f"/dev/fd/{reading}", "--model", "ngram", "--seed", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "tokgen", *command],
        pass_fds=[reading],
        capture_output=True,
        text=True,
    )
    os.close(reading)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 10


def test_documents_to_score_from_standard_input():
    done = tokgen("score", "--input", "-", "--model", "ngram", "--json", stdin="abid\nabi\n")
    assert [row["text"] for row in done.rows] == ["abid", "abi"]


def test_a_recipe_that_names_standard_input(tmp_path):
    recipe, model = tmp_path / "recipe.yaml", tmp_path / "m.st"
    recipe.write_text("corpus: '-'\nmodel: ngram\nseed: 1\n")
    done = tokgen("train", "--config", recipe, "--output", model, stdin=LINES)
    assert done.code == 0, done.err
    assert "80 documents of standard input" in done.err
