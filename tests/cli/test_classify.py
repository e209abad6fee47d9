"""`tokgen classify`: how probable each value of a column is, and how often the first is right."""

from __future__ import annotations

import numpy as np
import pytest
from running import tokgen
from words import WORDS, coloured_table

from tokgen.corpus.opening import open_corpus

RED = ("--given", "colour=red")


@pytest.fixture
def corpus(tmp_path):
    return ("--corpus", coloured_table(tmp_path), "--column", "word")


@pytest.fixture
def checkpoint(corpus, small_plugins, tmp_path):
    path = tmp_path / "told.safetensors"
    asked = ("--model", "told", "--condition-on", "colour,size", "--seed", 1)
    done = tokgen("train", *corpus, *asked, "--output", path)
    assert done.code == 0, done.err
    return path


def test_a_text_is_scored_under_each_value_times_its_share(checkpoint, tmp_path):
    split = open_corpus(str(tmp_path / "words.csv"), column="word")
    colours = split.column("colour")[split.rows_of("train")]
    weights = {}
    for colour in ("red", "white"):
        given = ("--given", f"colour={colour}", "--given", "size=big")
        (scored,) = tokgen("score", "dana", *given, "--checkpoint", checkpoint, "--json").rows
        weights[colour] = np.exp(scored["logprob"]) * (colours == colour).mean()
    (found,) = tokgen("classify", "dana", "--checkpoint", checkpoint, "--json").rows
    probs = {each["value"]: each["prob"] for each in found["columns"]["colour"]}
    expected = {colour: weight / sum(weights.values()) for colour, weight in weights.items()}
    assert probs == pytest.approx(expected)
    assert found["columns"]["size"] == [
        {"value": "big", "prob": pytest.approx(1), "share": pytest.approx(1)}
    ]


def test_what_is_given_is_known(checkpoint):
    (found,) = tokgen("classify", "dana", "--checkpoint", checkpoint, "--json", *RED).rows
    assert [(each["value"], each["prob"]) for each in found["columns"]["colour"]] == [("red", 1)]


def test_its_accuracy_stands_beside_that_of_simpler_ones(checkpoint, tmp_path):
    corpus = open_corpus(str(tmp_path / "words.csv"), column="word")
    held_out = corpus.rows_of("validation")
    texts, true = np.array(WORDS)[held_out], corpus.column("colour")[held_out]
    found = tokgen("classify", *texts, "--checkpoint", checkpoint, "--json").rows
    first = np.array([row["columns"]["colour"][0]["value"] for row in found])
    in_training = corpus.column("colour")[corpus.rows_of("train")]
    often = "red" if (in_training == "red").mean() > 0.5 else "white"
    colour, size = tokgen("classify", "--checkpoint", checkpoint, "--json").rows
    assert colour == {
        "column": "colour",
        "values": 2,
        "documents": len(texts),
        "model": (first == true).mean(),
        # The first letter decides, and every n-gram knows it.
        "ngrams": 1.0,
        "largest_share": (true == often).mean(),
    }
    assert (size["values"], size["model"], size["ngrams"], size["largest_share"]) == (1, 1, 1, 1)


def test_the_values_that_are_not_shown_are_counted(checkpoint):
    shown = tokgen("classify", "dana", "--checkpoint", checkpoint, "--rows", 1).out.splitlines()
    assert shown[0] == "dana"
    assert shown[1].split() == ["p", "share", "alone"]
    assert shown[2].split()[:2] == ["colour", "red"]
    assert shown[3].split()[:3] == ["…", "1", "more"]


def test_json_has_all_values_or_as_many_as_are_asked_for(checkpoint):
    asked = ("classify", "dana", "--checkpoint", checkpoint, "--json")
    (every,), (first,) = tokgen(*asked).rows, tokgen(*asked, "--rows", 1).rows
    assert len(every["columns"]["colour"]) == 2
    assert first["columns"]["colour"] == every["columns"]["colour"][:1]


def test_rows_of_no_text_are_refused(checkpoint):
    done = tokgen("classify", "--checkpoint", checkpoint, "--rows", 1)
    assert (done.code, done.out) == (2, "")
    assert "--rows has no effect without TEXT." in done.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("classify", *RED), "--given has no effect without TEXT."),
        (("classify", "a", "--model", "ngram"), "The model 'ngram' cannot be told a column."),
        (("classify", "a", "--checkpoint", "shipped:mlp"), "is told no columns"),
    ],
)
def test_what_cannot_be_classified_is_refused(asked, said):
    done = tokgen(*asked)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
