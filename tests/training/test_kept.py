"""Trainings lie side by side; the same training, however it is written, takes its own place."""

from __future__ import annotations

import os

import pytest
from words import words_file

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.paths import make_folder
from tokgen.training.kept import (
    cached_path,
    kept_path,
    trained_folder,
    trained_models,
    trained_paths,
)
from tokgen.training.kept_models import kept_models
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe

USUAL = {"model": "network", "tokenizer": "pairs:count=2", "options": {"learning_rate": 0.003}}


@pytest.fixture
def corpus(small_plugins, tmp_path):
    return words_file(tmp_path)


def place(corpus, **changes):
    return kept_path(plan(Recipe(corpus=corpus, **USUAL | changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "bigram", "options": {}},
        {"tokenizer": "started"},
        {"tokenizer": "pairs:count=3"},
        {"options": {"learning_rate": 0.004}},
        {"options": {"learning_rate": 0.003, "context": 3}},
        {"seed": 1},
        {"refit": True},
    ],
)
def test_another_training_has_another_place(corpus, changes):
    assert place(corpus, **changes) != place(corpus)


@pytest.mark.parametrize(
    "changes",
    [
        {"options": {"learning_rate": "3e-3"}},
        {"options": {"learning_rate": 0.003, "context": 2}},
        {"tokenizer": "pairs:count=2,most=9"},
        {"device": "cpu"},
    ],
)
def test_the_same_training_has_the_same_place(corpus, changes):
    assert place(corpus, **changes) == place(corpus)


def test_other_documents_and_other_columns_have_another_place(small_plugins):
    told = {"model": "told", "corpus": "indian-names"}
    recipes = [{}, {"where": {"gender": "f"}}, {"condition_on": ["gender"]}]
    assert len({kept_path(plan(Recipe(**told, **each))) for each in recipes}) == 3


def test_the_last_one_comes_first(corpus):
    opened = open_corpus(corpus)
    assert trained_paths(opened, "network") == trained_models(opened) == []
    places = [place(corpus), place(corpus, seed=1), place(corpus, seed=2)]
    before = places[0].parent.with_name("network.safetensors")
    other = place(corpus, model="bigram", options={})
    written = [places[1], before, places[2], places[0], other]
    for number, path in enumerate(written):
        make_folder(path.parent)
        path.touch()
        os.utime(path, (number, number))
    assert trained_paths(opened, "network") == written[-2::-1]
    assert trained_paths(opened, "bigram") == [other]
    assert trained_models(opened) == ["bigram", "network"]
    assert cached_path(opened, "network") not in written


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_folder_that_may_not_be_read_is_told(small_plugins, shared_folder, monkeypatch, mode):
    monkeypatch.setenv("XDG_DATA_HOME", str(shared_folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_folder / "cache"))
    corpus = open_corpus(words_file(shared_folder))
    folder = trained_folder() / corpus.fingerprint[:16]
    make_folder(folder)
    folder.chmod(mode)
    said = f"Cannot read {str(folder)!r}: you have no permission to read it."
    for ask in (lambda: trained_models(corpus), kept_models):
        with pytest.raises(RequestError) as refused:
            ask()
        assert str(refused.value) == said
    with pytest.raises(RequestError, match="you have no permission to read it"):
        trained_paths(corpus, "bigram")
    folder.chmod(0o755)
    assert trained_models(corpus) == kept_models() == []
