"""A corpus with a combining mark beside a letter that composes with it: every text can go round."""

from __future__ import annotations

import json

import pytest
from running import tokgen

# q and the acute accent do not compose, so that the accent is a character of the alphabet; with e
# it is é, which the corpus does not have.
WORDS = ["q\u0301e", "eq\u0301", "qe", "ee", "q\u0301", "eqe", "q\u0301q", "e"] * 4


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("composed")
    (folder / "words.txt").write_text("\n".join(WORDS), encoding="utf-8")
    path = folder / "m.safetensors"
    corpus = ("--corpus", folder / "words.txt", "--model", "ngram", "-o", "order=2")
    done = tokgen("train", *corpus, "--seed", 1, "--output", path)
    assert done.code == 0, done.err
    return ("--checkpoint", path), folder


@pytest.mark.parametrize(
    "command",
    [
        "top -n 30 --temp 2",
        "generate -n 200 --seed 1 --temp 2 --format jsonl",
        "generate -n 40 --unique --seed 1 --format jsonl",
        "generate -n 20 --length 2..3 --top-p 0.9 --seed 1 --format jsonl",
        "analyze --length 2",
    ],
)
def test_no_command_stops_in_the_middle(asked, command):
    checkpoint, _ = asked
    done = tokgen(*command.split(), *checkpoint)
    assert done.code == 0, done.err


def test_what_was_generated_can_be_scored(asked):
    checkpoint, folder = asked
    done = tokgen("generate", "-n", 300, "--seed", 1, "--temp", 3, *checkpoint)
    texts = [line for line in done.out.splitlines() if line]
    assert any("é" in text for text in texts)
    (folder / "made.txt").write_text("\n".join(texts), encoding="utf-8")
    scored = tokgen("score", "--input", folder / "made.txt", "--json", *checkpoint)
    assert scored.code == 0, scored.err
    assert [json.loads(line)["text"] for line in scored.out.splitlines()] == texts


def test_lengths_count_the_characters_of_the_text(asked):
    checkpoint, _ = asked
    done = tokgen("generate", "-n", 50, "--length", 2, "--seed", 1, *checkpoint)
    assert {len(text) for text in done.out.splitlines()} == {2}
    assert "met the conditions" in done.err
