"""`--given`: what a model is told on the command line, from a checkpoint, a training or a card."""

from __future__ import annotations

import json
import shlex

import pytest
from running import tokgen
from words import coloured_table

from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint

RED = ("--given", "colour=red")
GIRL = ("--given", "gender=f")


@pytest.fixture
def corpus(tmp_path, small_plugins):
    return ("--corpus", coloured_table(tmp_path), "--column", "word")


@pytest.fixture
def checkpoint(corpus, tmp_path):
    """A checkpoint whose corpus is gone."""
    path = tmp_path / "told.safetensors"
    asked = ("--model", "told", "--condition-on", "colour,size", "--seed", 1)
    done = tokgen("train", *corpus, *asked, "--output", path)
    assert done.code == 0, done.err
    (tmp_path / "words.csv").unlink()
    return path


def test_every_command_speaks_as_it_is_told(checkpoint):
    model = TextModel(Checkpoint.load(checkpoint)).told({"colour": "red"})
    chosen = ("--checkpoint", checkpoint, *RED, "--json")
    (following,) = tokgen("next", *chosen).rows
    assert following["given"] == {"colour": "red"}
    logprobs = {each["token"]: each["logprob"] for each in following["next"]}
    assert logprobs == dict(zip(model.tokenizer.symbols, model.next().logprobs, strict=True))
    (tree,) = tokgen("tree", "--depth", 1, "--width", 1, *chosen).rows
    assert tree["children"][0]["prob"] == pytest.approx(following["next"][0]["prob"])
    (scored,) = tokgen("score", "kalna", *chosen).rows
    assert (scored["logprob"], scored["given"]) == (model.score("kalna").logprob, model.given)
    best = tokgen("top", "-n", 3, *chosen).rows
    assert [each["text"] for each in best] == [each.text for each in model.top(count=3)]
    (figures,) = tokgen("analyze", "--pattern", "b*", *chosen).rows
    assert figures["given"] == {"colour": "red"}
    generated = tokgen("generate", "--seed", 3, "--format", "jsonl", *chosen[:-1])
    assert "told · told colour=red" in generated.err
    drawn = [(row["text"], row["logprob"], row["given"]) for row in generated.rows]
    assert drawn == [(each.text, each.logprob, model.given) for each in model.generate(seed=3)]


def test_a_pipe_of_documents_is_drawn_from_what_is_given(checkpoint):
    asked = ("--checkpoint", checkpoint, *RED, "--given", "size=big", "--seed", 3)
    few = tokgen("generate", *asked, "-n", 5).out
    many = tokgen("generate", *asked, "-n", 3000).out
    assert many.startswith(few)
    begun = [line[0] for line in many.splitlines() if line]
    assert sum(letter in "bd" for letter in begun) > 0.4 * len(begun)


def test_a_session_is_told_and_told_otherwise(checkpoint, tmp_path):
    kept = tmp_path / "s.json"
    white = [":given colour=white", f":save {kept}"]
    lines = "\n".join(["ba", ":given", *white, ":given unknown", f":load {kept}"])
    done = tokgen("repl", "--checkpoint", checkpoint, *RED, "--seed", 1, "--json", stdin=lines)
    shown = done.rows
    assert [row.get("given") for row in shown if row["event"] == "distribution"] == [
        {"colour": "red"},
        {"colour": "white"},
        None,
        {"colour": "white"},
    ]
    assert shown[1]["text"] == "colour=red  of red, white\nsize=unknown  of big"
    assert {row["prefix"] for row in shown if row["event"] == "distribution"} == {"ba"}
    assert json.loads(kept.read_text())["request"]["given"] == {"colour": "white"}


def test_a_session_adds_to_what_it_tells_and_forgets_it(checkpoint):
    lines = ["ba", ":given size=big", ":given colour=white", ":given colour=unknown"]
    done = tokgen("repl", "--checkpoint", checkpoint, *RED, "--json", stdin="\n".join(lines))
    assert [row.get("given") for row in done.rows] == [
        {"colour": "red"},
        {"colour": "red", "size": "big"},
        {"colour": "white", "size": "big"},
        {"size": "big"},
    ]


@pytest.mark.parametrize("command", ["eval", "embeddings", "info"])
def test_where_no_model_speaks_nothing_is_given(command):
    done = tokgen(command, *RED)
    assert done.code == 2
    assert "--given belongs to 'tokgen generate', " in done.err
    assert f", not to 'tokgen {command}'." in done.err


def test_a_training_that_can_be_told_is_chosen(corpus, tmp_path):
    asked = (*corpus, "--model", "told", "--seed", 1)
    without = tokgen("generate", *asked, *RED)
    assert without.code == 2
    assert "No 'told' checkpoint of" in without.err
    _, makes_one = without.err.rstrip().split("To make one: tokgen ")
    assert tokgen(*shlex.split(makes_one), "--output", tmp_path / "made").code == 0
    for columns in ("colour,size", "size"):
        done = tokgen("train", *asked, "--condition-on", columns)
        assert done.code == 0, done.err
    assert tokgen("train", *asked).code == 0
    first = tokgen("generate", *asked, *RED)
    assert "told · told colour=red · what you last trained" in first.err
    unknown = tokgen("generate", *asked, "--given", "colour=blue")
    assert unknown.code == 2
    assert "knows no colour=blue. There are: red, white." in unknown.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (RED, "The model 'lstm' is told no column 'colour'. There are: gender, origin."),
        (("--model", "ngram", *RED), "Corpus 'indian-names' has no column 'colour'. There are: "),
        (("--model", "ngram", *GIRL), "The model 'ngram' cannot be told a column. The checkpoint "),
        (("--model", "ngarm", *RED), "There is no model 'ngarm'. Did you mean 'ngram'?"),
        (("--checkpoint", "shipped:mlp", *RED), "The model 'mlp' is told no columns"),
        (("--given", "colour"), "'colour' is not key=value."),
        ((*RED, "--given", "colour=white"), "The column 'colour' is given twice."),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_sentence(asked, said):
    done = tokgen("next", *asked)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_the_training_that_is_suggested_is_of_a_model_that_can_be_told(corpus, tmp_path):
    asked = (
        "generate",
        *corpus,
        "--where",
        "colour=red",
        "--model",
        "bigram",
        "--given",
        "size=big",
    )
    done = tokgen(*asked)
    assert "The model 'bigram' cannot be told a column." in done.err
    _, makes_one = done.err.rstrip().split("To make one that can: tokgen ")
    quick = ("-o", "steps=2", "-o", "hidden=4", "--output", tmp_path / "made.safetensors")
    assert tokgen(*shlex.split(makes_one), *quick).code == 0
    told = tokgen("next", "--checkpoint", tmp_path / "made.safetensors", "--given", "size=big")
    assert told.code == 0, told.err


def test_a_shipped_model_of_the_family_is_told():
    done = tokgen("next", "ab", "--model", "lstm", *GIRL, "--json")
    itself = tokgen("next", "ab", "--checkpoint", "shipped:told", *GIRL, "--json")
    assert (done.code, done.rows) == (0, itself.rows)


def test_against_a_model_that_is_told_no_columns(checkpoint, corpus, tmp_path):
    coloured_table(tmp_path)
    plain = tmp_path / "plain.safetensors"
    assert tokgen("train", *corpus, "--model", "bigram", "--output", plain).code == 0
    chosen = ("--checkpoint", checkpoint, *RED, "--json")
    itself = tokgen("analyze", *chosen, "--against", checkpoint)
    assert itself.rows[0]["against"]["kl_nats"] == pytest.approx(0, abs=1e-9)
    other = tokgen("analyze", *chosen, "--against", plain)
    assert "bigram is told no columns: it is compared as it is, not colour=red" in other.err
    assert other.rows[0]["against"]["kl_nats"] > 0.01
