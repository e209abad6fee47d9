"""A plan: what a recipe names, opened; and what it refuses before anything is computed."""

from __future__ import annotations

import numpy as np
import pytest
from words import coloured, words_file

from tokgen.errors import RequestError
from tokgen.training import plan as planning
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe


@pytest.fixture
def corpus(monkeypatch, small_plugins):
    """What every recipe's corpus is here: one with the columns colour and kind."""
    opened = coloured()
    monkeypatch.setattr(planning, "open_corpus", lambda _, column: opened)
    return opened


def test_a_plan_completes_its_recipe(tmp_path):
    planned = plan(Recipe(corpus=words_file(tmp_path), model="ngram"))
    assert planned.recipe.tokenizer == "characters"
    assert planned.recipe.condition_on == []
    assert planned.vocabulary == planned.tokenizer.vocabulary
    assert not planned.vocabulary.columns


def test_splits_are_encoded_one_after_the_other(tmp_path):
    planned = plan(Recipe(corpus=words_file(tmp_path), model="ngram"))
    both = planned.dataset("train", "validation")
    texts = [*planned.corpus.split("train"), *planned.corpus.split("validation")]
    assert len(both.documents) == len(texts)
    assert [planned.tokenizer.decode(both.documents[row]) for row in range(len(texts))] == texts


def test_columns_are_those_of_the_training_split(corpus):
    planned = plan(Recipe(model="told", condition_on=["kind", "colour"], tokenizer="started"))
    assert list(planned.vocabulary.columns) == ["colour", "kind"]
    train = corpus.rows_of("train")
    for name, values in planned.vocabulary.columns.items():
        assert list(values) == sorted(set(corpus.columns[name][train]))
    data = planned.dataset("train")
    for row, (colour, kind) in enumerate(data.given.tolist()):
        assert (
            planned.vocabulary.columns["colour"][colour - 1] == corpus.columns["colour"][train][row]
        )
        assert planned.vocabulary.columns["kind"][kind - 1] == corpus.columns["kind"][train][row]


def test_a_value_that_the_training_split_does_not_have_is_unknown(corpus):
    held_out = np.flatnonzero(corpus.rows_of("validation"))
    corpus.columns["colour"] = corpus.columns["colour"].astype("<U9")
    corpus.columns["colour"][held_out[0]] = "yellow"
    planned = plan(Recipe(model="told", condition_on=["colour"]))
    assert planned.vocabulary.columns == {"colour": ("red", "white")}
    assert planned.dataset("validation").given[0].tolist() == [0]


@pytest.mark.parametrize("model", ["ngram", "bigram"])
def test_a_model_that_reads_no_columns_refuses_them(corpus, model):
    said = f"The model '{model}' cannot be told a column: it ignores colour, kind."
    with pytest.raises(RequestError, match=said):
        plan(Recipe(model=model, condition_on=["colour", "kind"]))


def test_a_column_that_is_not_there_is_refused(corpus, tmp_path, monkeypatch):
    with pytest.raises(RequestError, match=r"has no column 'color'. Did you mean 'colour'"):
        plan(Recipe(model="told", condition_on=["color"]))
    monkeypatch.undo()
    with pytest.raises(RequestError, match=r"has no column 'colour'. It has no columns"):
        plan(Recipe(corpus=words_file(tmp_path), model="ngram", condition_on=["colour"]))


def test_options_of_a_tokenizer_stand_in_the_recipe(small_plugins, tmp_path):
    planned = plan(Recipe(corpus=words_file(tmp_path), model="ngram", tokenizer="pairs:count=2"))
    assert planned.recipe.tokenizer == "pairs:count=2"
    assert sum(len(unit) == 2 for unit in planned.tokenizer.units) == 2
    with pytest.raises(RequestError, match="Tokenizer 'pairs' has no option 'cuont'"):
        plan(Recipe(corpus=words_file(tmp_path), model="ngram", tokenizer="pairs:cuont=2"))
