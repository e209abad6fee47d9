"""Models that are kept under names: listed with the others, and taken by their names alone."""

from __future__ import annotations

import pytest
from words import words_file

from tokgen.errors import RequestError
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import named_folder, trained_folder
from tokgen.training.kept_models import find_kept, kept_models, remove
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.named_models import keep_as, named_models
from tokgen.training.place import begun_anew
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

MOST = 3


@pytest.fixture
def planned(small_plugins, tmp_path):
    return plan(Recipe(corpus=words_file(tmp_path), model="bigram"))


@pytest.fixture
def checkpoint(planned):
    return train(planned).checkpoint


def test_a_named_model_is_listed_and_opened_by_its_name(checkpoint, planned):
    path = keep_as("Class-4b", checkpoint, MOST)
    (kept,) = kept_models()
    assert (kept.name, kept.model, kept.state, kept.path) == (
        "Class-4b",
        "bigram",
        "finished",
        path,
    )
    opened = choose(ModelRequest(checkpoint="kept:Class-4b")).checkpoint
    assert opened.metadata == Checkpoint.load(path).metadata == checkpoint.metadata
    assert named_models() == ["Class-4b"]


def test_a_named_model_is_not_what_a_corpus_is_answered_with(checkpoint, planned):
    undertaking = begun_anew(planned, None)
    undertaking.check_place()
    checkpoint.save(undertaking.path)
    keep_as("other", checkpoint, MOST)
    assert {kept.name: kept.used for kept in kept_models()} == {
        "other": False,
        find_kept(["bigram"])[0].name: True,
    }


@pytest.mark.parametrize("taken", ["name", "NAME"])
def test_a_name_that_is_taken_is_refused(checkpoint, taken):
    before = keep_as("name", checkpoint, MOST).read_bytes()
    with pytest.raises(RequestError, match=f"'{taken}' is taken"):
        keep_as(taken, checkpoint, MOST)
    assert find_kept(["name"])[0].path.read_bytes() == before


def test_the_name_of_a_training_is_taken_too(checkpoint, planned):
    undertaking = begun_anew(planned, None)
    undertaking.check_place()
    checkpoint.save(undertaking.path)
    (kept,) = kept_models()
    with pytest.raises(RequestError, match="is taken"):
        keep_as(kept.name, checkpoint, MOST)


def test_only_so_many_are_kept_under_names(checkpoint):
    for name in "abc":
        keep_as(name, checkpoint, MOST)
    with pytest.raises(RequestError, match="3 models are kept under names"):
        keep_as("d", checkpoint, MOST)
    remove(*find_kept(["b"]))
    keep_as("d", checkpoint, MOST)
    assert named_models() == ["a", "c", "d"]


def test_the_last_one_is_removed_with_its_folder(checkpoint):
    keep_as("a", checkpoint, MOST)
    remove(*find_kept(["a"]))
    assert not named_folder().exists()
    assert named_folder().parent == trained_folder().parent


def test_a_damaged_file_is_told(checkpoint):
    path = keep_as("a", checkpoint, MOST)
    path.write_bytes(b"nothing")
    (kept,) = kept_models()
    assert (kept.name, kept.state) == ("a", "damaged")
    assert kept.problem
