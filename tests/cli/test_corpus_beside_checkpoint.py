"""A corpus named beside a checkpoint: what is novel is in no row of it, and it is measured."""

from __future__ import annotations

import pytest
from running import tokgen
from words import WORDS, words_file

ANOTHER = "is not the one that the model was trained on"
HERE = ("generate", "-n", 200, "--seed", 1, "--format", "jsonl")


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "words.safetensors"
    trained = ("--corpus", words_file(tmp_path), "--model", "ngram", "-o", "order=2", "--seed", 1)
    done = tokgen("train", *trained, "--output", path)
    assert done.code == 0, done.err
    return path


@pytest.fixture
def other(tmp_path):
    """A table of half of the words and of others; what begins with b is of the kind x."""
    rows = [f"{word},{'x' if word[0] == 'b' else 'y'}" for word in [*WORDS[::2], "sona", "tina"]]
    path = tmp_path / "other.csv"
    path.write_text("\n".join(["word,kind", *rows]) + "\n")
    return path


def beside(checkpoint, other, *more):
    return ("--checkpoint", checkpoint, "--corpus", other, "--column", "word", *more)


def test_novel_speaks_of_the_corpus_that_is_named(checkpoint, other):
    done = tokgen(*HERE, *beside(checkpoint, other))
    assert f"The corpus {other} {ANOTHER}" in done.err
    known = {*WORDS[::2], "sona", "tina"}
    assert {row["novel"] for row in done.rows} == {True, False}
    assert all(row["novel"] == (row["text"] not in known) for row in done.rows)
    assert done.out != tokgen(*HERE, "--checkpoint", checkpoint).out
    drawn = {row["text"] for row in tokgen(*HERE, *beside(checkpoint, other, "--novel")).rows}
    assert not drawn & known
    assert drawn & set(WORDS)


def test_its_rows_can_be_chosen(checkpoint, other):
    done = tokgen(*HERE, *beside(checkpoint, other, "--where", "kind=x"))
    assert f"The corpus {other} kind=x {ANOTHER}" in done.err
    known = {word for word in WORDS[::2] if word[0] == "b"}
    assert all(row["novel"] == (row["text"] not in known) for row in done.rows)
    measured = tokgen("eval", *beside(checkpoint, other, "--where", "kind=x"), "--json")
    assert f"all split of {other}: {len(known)} documents" in measured.err
    assert measured.rows[0]["documents"] == len(known)


def test_the_same_corpus_by_another_name_is_the_one_that_it_was_trained_on(checkpoint, tmp_path):
    plain = tokgen("analyze", "--checkpoint", checkpoint, "--json")
    moved = tmp_path / "moved.txt"
    (tmp_path / "words.txt").rename(moved)
    lost = tokgen("analyze", "--checkpoint", checkpoint, "--json")
    assert not {"in_corpus", "in_train", "in_held_out"} & lost.rows[0].keys()
    found = tokgen("analyze", "--checkpoint", checkpoint, "--corpus", moved, "--json")
    assert ANOTHER not in found.err
    assert found.rows == plain.rows
    assert {"in_corpus", "in_train", "in_held_out"} <= found.rows[0].keys()


def test_of_another_corpus_no_part_is_told(checkpoint, other):
    (figures,) = tokgen("analyze", *beside(checkpoint, other), "--json").rows
    (plain,) = tokgen("analyze", "--checkpoint", checkpoint, "--json").rows
    assert 0 < figures["in_corpus"] < plain["in_corpus"]
    assert not {"in_train", "in_held_out"} & figures.keys()
    (novel,) = tokgen("analyze", *beside(checkpoint, other, "--novel"), "--json").rows
    assert novel["condition_prob"] == pytest.approx(1 - figures["in_corpus"])


def test_where_the_corpus_is_not_found_nothing_is_called_novel(checkpoint, tmp_path):
    (tmp_path / "words.txt").unlink()
    done = tokgen(*HERE, "--checkpoint", checkpoint)
    assert (done.code, {row["novel"] for row in done.rows}) == (0, {None})
    for asked in (("--novel",), ("--novel-distance", 1)):
        refused = tokgen(*HERE, "--checkpoint", checkpoint, *asked)
        assert (refused.code, refused.out) == (2, "")
        assert "The corpus that the model was trained on is not found" in refused.err
        assert "--corpus NAME|FILE names one." in refused.err


COMMANDS = {
    "generate": ("generate", "--seed", 1),
    "next": ("next", "ba"),
    "tree": ("tree", "ba"),
    "score": ("score", "bana"),
    "top": ("top", "-n", 2, "--novel"),
    "analyze": ("analyze", "--novel"),
    "eval": ("eval",),
    "info": ("info",),
    "repl": ("repl", "--json"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_opens_it(checkpoint, other, command):
    done = tokgen(*command, *beside(checkpoint, other))
    assert done.code == 0, done.err
    assert done.err.count(ANOTHER) == 1
    missing = tokgen(*command, "--checkpoint", checkpoint, "--corpus", "nothing.txt")
    assert (missing.code, missing.out) == (2, "")
    assert "There is no corpus or file 'nothing.txt'." in missing.err


def test_a_session_speaks_of_it_and_is_saved_with_it(checkpoint, other, tmp_path):
    kept = tmp_path / "s.json"
    document = WORDS[1]
    end = [document, ":force -"]
    lines = "\n".join(
        [*end, f":save {kept}", f":checkpoint {checkpoint}", *end, f":load {kept}", *end]
    )
    done = tokgen("repl", *beside(checkpoint, other), "--seed", 1, "--json", stdin=lines)
    known = [row["known"] for row in done.rows if row["event"] == "completed"]
    assert known == [False, True, False]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--column", "word"), "The column 'word' is of no corpus"),
        (("--where", "kind=x"), "holds a model of all rows of"),
    ],
)
def test_without_a_corpus_its_rows_cannot_be_chosen(checkpoint, asked, said):
    done = tokgen("generate", "--checkpoint", checkpoint, *asked)
    assert done.code == 2
    assert said in done.err


def test_rows_of_a_corpus_measure_what_is_shipped_with_it():
    done = tokgen("eval", "--checkpoint", "shipped:ngram", "--corpus", "indian-names", "--json")
    assert ANOTHER not in done.err
    rows = ("--where", "gender=f")
    women = tokgen(
        "eval",
        "--checkpoint",
        "shipped",
        "--model",
        "ngram",
        "--corpus",
        "indian-names",
        *rows,
        "--json",
    )
    assert women.code == 0, women.err
    assert women.rows[0]["documents"] < done.rows[0]["documents"]
