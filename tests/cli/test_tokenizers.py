"""Training with words, bytes and bpe, and every command on what was trained."""

from __future__ import annotations

import math

import pytest
from running import tokgen

import tokgen as library
from tokgen.exact.conditions import Conditions

SENTENCES = [
    f"{start} {animal} {verb}"
    for start in ("the", "a")
    for animal in ("cat", "dog", "été")
    for verb in ("sat", "ran", "sits")
]
TOKENIZERS = ["bytes", "words", "bpe:size=60"]
CONDITIONS = [
    Conditions((5, 9)),
    Conditions(suffix="ran"),
    Conditions(pattern="?he *"),
    Conditions(contains="été"),
    Conditions(novel=True),
    Conditions(exclude="g", suffix="s"),
]


@pytest.fixture(scope="module", params=TOKENIZERS)
def trained(request, tmp_path_factory):
    """A checkpoint of each tokenizer, and the corpus."""
    folder = tmp_path_factory.mktemp("tokenizer")
    corpus, path = folder / "sentences.txt", folder / "m.safetensors"
    corpus.write_text("\n".join(SENTENCES), encoding="utf-8")
    asked = ("--corpus", corpus, "--tokenizer", request.param, "--model", "ngram", "--seed", 1)
    done = tokgen("train", *asked, "--output", path)
    assert done.code == 0, done.err
    return path, corpus


@pytest.fixture
def model(trained):
    return library.load(checkpoint=str(trained[0]))


@pytest.mark.parametrize("conditions", CONDITIONS, ids=str)
@pytest.mark.parametrize("prefix", ["", "a d", "the ét"])
def test_what_is_generated_begins_with_the_prefix_and_meets_the_conditions(
    model, prefix, conditions
):
    if prefix == "the ét" and conditions.exclude == "g":
        prefix = "the é"
    if conditions.pattern and prefix == "a d":
        prefix = "the d"
    drawn = list(model.generate(12, prefix=prefix, conditions=conditions, seed=1))
    assert len(drawn) == 12
    for each in drawn:
        assert each.text.startswith(prefix)
        assert conditions.met_by(each.text, frozenset(SENTENCES))


def test_what_is_drawn_is_scored_and_its_ids_come_back(model):
    for each in model.generate(20, seed=2):
        if "\ufffd" not in each.text and each.finished:
            score = model.score(each.text)
            assert math.isfinite(score.logprob)
            assert model.tokenizer.decode(model.tokenizer.encode(each.text)) == each.text


def test_every_command_works(trained):
    path, _ = trained
    for command in (
        ("next", "the c"),
        ("next", "the ", "--temp", 0.5, "--top-k", 3),
        ("score", "the cat sat", "a été ran"),
        ("tree", "the", "--depth", 2),
        ("top", "-n", 3, "--suffix", "ran"),
        ("analyze", "--length", "..12"),
        ("eval",),
        ("info",),
    ):
        done = tokgen(*command, "--checkpoint", path)
        assert done.code == 0, (command, done.err)
        assert done.out, command
    lines = "the \n:tree\n:names 2\n:top 2\n:score the cat sat\n:undo\n:quit\n"
    done = tokgen("repl", "--seed", 1, "--checkpoint", path, stdin=lines)
    assert done.code == 0, done.err
    assert "the model sees" in done.out


def test_bits_per_character_are_those_of_the_text(trained):
    """The loss of all tokens, terminators too, shared among the characters of the text."""
    path, corpus = trained
    asked = ("--corpus", corpus, "--split", "all", "--json", "--checkpoint", path)
    (row,) = tokgen("eval", *asked).rows
    characters = sum(map(len, SENTENCES))
    bits = row["nll"] * row["tokens"] / math.log(2)
    assert row["bits_per_char"] == pytest.approx(bits / characters)
    scores = library.load(checkpoint=str(path)).score_all(SENTENCES)
    assert sum(-each.logprob for each in scores) / math.log(2) == pytest.approx(bits)


def test_the_context_that_a_model_sees_has_the_borders_of_its_tokens(tmp_path):
    corpus = tmp_path / "c.txt"
    corpus.write_text("lash\nlash\nesh\n", encoding="utf-8")
    asked = ("--corpus", corpus, "--tokenizer", "bpe:size=7", "--context", 2)
    done = tokgen("examples", "lash", *asked)
    assert [line.split()[1] for line in done.out.splitlines()[1:]] == ["-·-", "-·l", "l·a", "a·sh"]
