"""`tokgen.load` and `tokgen.train`: nothing is trained that nobody asked for."""

from __future__ import annotations

import numpy as np
import pytest
from running import tokgen as command
from words import WORDS, coloured_table, words_file

import tokgen


def test_a_list_is_trained_as_a_file_with_its_lines_is(tmp_path):
    file = words_file(tmp_path)
    of_list = tokgen.train(WORDS, "ngram", seed=3, options={"order": 3})
    of_file = tokgen.train(file, "ngram", seed=3, options={"order": 3})
    assert of_list.fingerprint == of_file.fingerprint
    assert of_list.metadata.metrics.keys() == of_file.metadata.metrics.keys()
    assert (
        of_list.metadata.metrics["validation_loss"] == of_file.metadata.metrics["validation_loss"]
    )
    assert of_list.is_novel("bala") is True
    assert of_list.is_novel(WORDS[0]) is False
    done = command(
        "train",
        "--corpus",
        file,
        "--model",
        "ngram",
        "-o",
        "order=3",
        "--seed",
        3,
        "--output",
        tmp_path / "m.safetensors",
    )
    assert done.code == 0, done.err
    assert tokgen.load(checkpoint=tmp_path / "m.safetensors").fingerprint == of_list.fingerprint


def test_a_training_is_judged_in_the_sentences_of_the_command_line(tmp_path):
    file = words_file(tmp_path)
    settings = ("train", "--corpus", file, "--model", "mlp", "-o", "steps=20", "-o", "hidden=8")
    done = command(*settings, "--seed", 3, "--output", tmp_path / "m.safetensors")
    model = tokgen.train(file, "mlp", options={"steps": 20, "hidden": 8}, seed=3)
    sentences = model.verdict.split(". ")
    assert sentences[0].startswith("On held-out documents the model has ")
    assert " ".join(model.verdict.split()) in " ".join(done.err.split())
    assert model.told({}).verdict == model.verdict
    assert tokgen.load(checkpoint=tmp_path / "m.safetensors").verdict is None
    made = tokgen.load(file, "ngram", train=True)
    assert made.verdict.startswith("On held-out documents the model has ")
    assert tokgen.load(file, "ngram").verdict is None


def test_lists_that_differ_are_different_corpora():
    one, other = (tokgen.train([*WORDS, *more], "ngram", seed=1) for more in (["a\nb"], ["a", "b"]))
    assert one.metadata.corpus.fingerprint != other.metadata.corpus.fingerprint
    assert one.is_novel("a\nb") is False


def test_progress_is_told_and_a_seed_that_is_drawn_too():
    seen = []
    model = tokgen.train(WORDS, "mlp", options={"steps": 20, "hidden": 8}, on_progress=seen.append)
    assert seen[-1].step == 20
    again = tokgen.train(
        WORDS, "mlp", options={"steps": 20, "hidden": 8}, seed=model.metadata.recipe.seed
    )
    np.testing.assert_array_equal(again.next("ba").logprobs, model.next("ba").logprobs)


def test_whoever_reports_may_end_the_training():
    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    with pytest.raises(Enough):
        tokgen.train(WORDS, "mlp", options={"steps": 20, "hidden": 8}, on_progress=stop)


def test_what_is_saved_speaks_without_its_list(tmp_path):
    model = tokgen.train(WORDS, "ngram", seed=1)
    model.save(tmp_path / "m.safetensors")
    again = tokgen.load(checkpoint=tmp_path / "m.safetensors")
    assert again.fingerprint == model.fingerprint
    assert again.is_novel(WORDS[0]) is None
    assert again.metadata.corpus.name == f"a list of {len(WORDS)} documents"
    with pytest.raises(tokgen.RequestError, match="is not found"):
        list(again.generate(1, novel=True))
    assert (
        tokgen.load(WORDS, checkpoint=None, model="ngram", train=True).is_novel(WORDS[0]) is False
    )


def test_a_list_or_a_file_without_a_checkpoint_is_refused_until_training_is_asked_for(tmp_path):
    with pytest.raises(tokgen.RequestError, match=r"tokgen.train\(texts\) makes one"):
        tokgen.load(WORDS)
    file = words_file(tmp_path)
    with pytest.raises(tokgen.RequestError, match=r"There is no checkpoint of 'ngram' for"):
        tokgen.load(file, "ngram")
    made = tokgen.load(file, "ngram", train=True)
    assert tokgen.load(file, "ngram").fingerprint == made.fingerprint


def test_rows_columns_and_options_are_chosen(tmp_path):
    table = str(coloured_table(tmp_path))
    red = tokgen.train(table, "ngram", column="word", where={"colour": "red"}, seed=1)
    assert red.metadata.corpus.where == {"colour": "red"}
    assert {text[0] for text in red.trained_on.documents} == {"b", "d"}
    found = tokgen.load("indian-names", "ngram")
    order = found.metadata.model.options["order"]
    assert (
        tokgen.load("indian-names", "ngram", options={"order": order}).fingerprint
        == found.fingerprint
    )
    with pytest.raises(tokgen.RequestError, match="There is no checkpoint of 'ngram'"):
        tokgen.load("indian-names", "ngram", where={"gender": "u"})


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: tokgen.train([]), "There are no documents in the list."),
        (lambda: tokgen.train(["a", 3]), "Document 2 is no text: 3."),
        (lambda: tokgen.train(["a", "b\ud800"]), "Document 2 holds half of a surrogate pair"),
        (lambda: tokgen.train(WORDS, "ngarm"), "There is no model 'ngarm'. Did you mean 'ngram'?"),
        (lambda: tokgen.train(WORDS, "ngram", options={"ordr": 2}), "Did you mean 'order'?"),
        (lambda: tokgen.train(WORDS, "ngram", where={"a": "b"}), "has no column 'a'"),
        (lambda: tokgen.train(WORDS, "mlp", device="gpu"), "There is no device 'gpu'."),
        (
            lambda: tokgen.train(WORDS, "ngram", seed=-1),
            "The training: option 'seed' should be at least 0, not -1.",
        ),
    ],
)
def test_what_is_wrong_is_told_in_the_sentence_of_the_command_line(ask, said):
    with pytest.raises(tokgen.RequestError) as raised:
        ask()
    assert said in str(raised.value)
