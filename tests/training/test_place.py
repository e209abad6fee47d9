"""A checkpoint gives way to one of its own corpus, a finished one to none that was stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from words import WORDS, words_file

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import Snapshot
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import kept_path
from tokgen.training.place import begun_anew, check_same_corpus, taken_up
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.resume import resume_path
from tokgen.training.train import train
from tokgen.training.trained import Unfinished

NOTHING_YET = Unfinished(Snapshot(), (), {}, 0.0)


@pytest.fixture
def corpus(small_plugins, tmp_path):
    return words_file(tmp_path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.safetensors"


def planned(corpus, model="bigram", **recipe):
    return plan(Recipe(corpus=corpus, model=model, **recipe))


def another(folder):
    (folder / "other").mkdir(exist_ok=True)
    return words_file(folder / "other", WORDS[::2])


def refusal(path, corpus):
    with pytest.raises(RequestError) as refused:
        check_same_corpus(path, open_corpus(corpus))
    assert refused.value.field == "force"
    return str(refused.value)


def test_only_a_model_of_the_same_corpus_is_replaced(corpus, tmp_path, path):
    check_same_corpus(path, open_corpus(corpus))
    path.write_text("no checkpoint")
    check_same_corpus(path, open_corpus(corpus))
    train(planned(corpus)).checkpoint.save(path)
    check_same_corpus(path, open_corpus(corpus))
    other = another(tmp_path)
    said = f"{str(path)!r} holds a model of the corpus {corpus!r}, not of {other!r}."
    assert refusal(path, other) == said


def test_an_unfinished_training_of_another_corpus_is_not_replaced(corpus, tmp_path, path):
    begun_anew(planned(corpus), path).keep(NOTHING_YET)
    check_same_corpus(path, open_corpus(corpus))
    assert f"holds a model of the corpus {corpus!r}" in refusal(path, another(tmp_path))
    resume_path(path).write_text("damaged")
    check_same_corpus(path, open_corpus(another(tmp_path)))


def test_a_filtered_corpus_is_another(small_plugins, path):
    where = {"gender": "f"}
    train(planned("indian-names", where=where)).checkpoint.save(path)
    check_same_corpus(path, open_corpus("indian-names", where))
    said = "holds a model of the corpus 'indian-names gender=f', not of 'indian-names'."
    assert said in refusal(path, "indian-names")


def test_a_file_that_has_changed_is_the_same_however_its_path_is_written(
    corpus, tmp_path, path, monkeypatch
):
    assert os.path.isabs(corpus)
    monkeypatch.chdir(tmp_path)
    for name in (corpus, "words.txt"):
        train(planned(name)).checkpoint.save(path)
        Path(corpus).write_text("\n".join([*WORDS, name[0] + "anew"]))
        check_same_corpus(path, open_corpus(name))


def test_what_was_stopped_goes_beside_what_is_finished(corpus, path):
    undertaking = begun_anew(planned(corpus, "stopped", options={"evaluated": 1}), path)
    stopped = train(undertaking.plan).checkpoint
    assert stopped.metadata.metrics["stopped_at_step"] == 1
    for stands_there in (None, stopped):
        if stands_there is not None:
            stands_there.save(path)
        assert undertaking.place_of_result(stopped=True) == path
        assert undertaking.place_of_result(stopped=False) == path
    finished = train(planned(corpus, "stopped", options={"evaluated": 9})).checkpoint
    assert not finished.metadata.stopped
    finished.save(path)
    beside = path.with_name("m.safetensors.partial")
    assert undertaking.place_of_result(stopped=True) == beside
    assert undertaking.place_of_result(stopped=False) == path
    stopped.save(beside)
    undertaking.keep(NOTHING_YET)
    undertaking.end()
    assert not beside.exists()
    assert not undertaking.has_unfinished
    assert Checkpoint.load(path).metadata == finished.metadata


def test_a_file_of_the_users_own_beside_it_is_left_alone(corpus, path):
    beside = path.with_name("m.safetensors.partial")
    beside.write_text("mine")
    begun_anew(planned(corpus), path).end()
    assert beside.read_text() == "mine"


def test_nothing_is_kept_beside_a_device(corpus):
    undertaking = begun_anew(planned(corpus), Path("/dev/null"))
    undertaking.check_place()
    undertaking.keep(NOTHING_YET)
    assert not undertaking.keeps_unfinished
    assert not Path("/dev/null.unfinished").exists()


def test_a_place_that_cannot_be_written_is_refused(corpus, tmp_path, monkeypatch):
    with pytest.raises(RequestError, match="it is a folder"):
        begun_anew(planned(corpus), tmp_path).check_place()
    with pytest.raises(RequestError, match="name is too long"):
        begun_anew(planned(corpus), tmp_path / ("a" * 250)).check_place()
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(blocked))
    with pytest.raises(RequestError, match=r"Cannot make the folder .* is not a folder"):
        begun_anew(planned(corpus), None).check_place()


def test_nothing_to_take_up(corpus, path):
    said = f"Nothing is left to resume: no unfinished training of {str(path)!r} is kept."
    with pytest.raises(RequestError) as refused:
        taken_up({"options": {}}, path)
    assert str(refused.value) == said
    train(planned(corpus)).checkpoint.save(path)
    with pytest.raises(RequestError) as refused:
        taken_up({"model": "ngram", "options": {}}, path)
    assert str(refused.value) == f"{said} It holds a finished training."
    with pytest.raises(RequestError, match=f"of the model 'bigram' on {corpus!r} is kept"):
        taken_up({"corpus": corpus, "model": "bigram", "options": {}}, None)


@pytest.mark.parametrize("written", ["0.003", "3e-3", 0.003, "0.30e-2"])
@pytest.mark.parametrize("name", ["words.txt", "./site/../words.txt"])
@pytest.mark.parametrize("tokenizer", ["pairs:count=2", 'pairs:{"most": 9, "count": 2}'])
def test_a_training_is_taken_up_however_it_is_written(
    corpus, tmp_path, path, monkeypatch, written, name, tokenizer
):
    options = {"learning_rate": "3e-3"}
    begun = planned(corpus, "network", options=options, seed=7, tokenizer="pairs:count=2")
    begun_anew(begun, path).keep(NOTHING_YET)
    monkeypatch.chdir(tmp_path)
    settings = {"corpus": name, "tokenizer": tokenizer, "options": {"learning_rate": written}}
    taken = taken_up(settings, path)
    assert (taken.path, taken.plan.recipe) == (path, begun.recipe)
    assert taken.is_kept


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"options": {"learning_rate": "4e-3"}}, "has learning_rate 0.003, not 4e-3"),
        ({"options": {"context": "3"}}, "has context 2, not 3"),
        ({"seed": 8}, "has seed 7, not 8"),
        ({"refit": True}, "has refit False, not True"),
        ({"tokenizer": "pairs:count=3"}, "has tokenizer pairs:count=2, not pairs:count=3"),
        ({"corpus": "indian-names"}, "words.txt, not indian-names"),
        ({"options": {"learning_rat": "3e-3"}}, "Did you mean 'learning_rate'"),
    ],
)
def test_another_training_is_not_taken_up(corpus, path, settings, said):
    options = {"learning_rate": "3e-3"}
    begun = planned(corpus, "network", options=options, seed=7, tokenizer="pairs:count=2")
    begun_anew(begun, path).keep(NOTHING_YET)
    with pytest.raises(RequestError) as refused:
        taken_up(settings, path)
    assert said in str(refused.value)


def test_without_an_output_the_one_that_fits_is_taken_up(corpus):
    begun = [begun_anew(planned(corpus, seed=seed), None) for seed in (1, 2, 3)]
    for number, undertaking in enumerate(begun):
        undertaking.check_place()
        undertaking.keep(NOTHING_YET)
        os.utime(resume_path(undertaking.path), (number, number))
    settings = {"corpus": corpus, "model": "bigram", "options": {}}
    assert taken_up(settings, None).plan.recipe.seed == 3
    assert taken_up({**settings, "seed": 1}, None).path == kept_path(begun[0].plan)
    with pytest.raises(RequestError, match="has seed 3, not 4"):
        taken_up({**settings, "seed": 4}, None)
