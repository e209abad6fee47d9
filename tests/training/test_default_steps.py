"""The default steps of a training: a model's own, and more of them for a large corpus."""

from __future__ import annotations

import json

import pytest
from words import words_file

from tokgen.plugin_api.options import parse_options
from tokgen.registry import load_model
from tokgen.training.default_steps import MANY_DOCUMENTS, MOST_TIMES, with_default_steps
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

OWN = load_model("gru").Options().steps


def options_of(model, given, documents):
    return with_default_steps(parse_options(load_model(model).Options, given, "Model"), documents)


@pytest.mark.parametrize(
    ("documents", "times"),
    [
        (0, 1),
        (300, 1),
        (MANY_DOCUMENTS, 1),
        (3 * MANY_DOCUMENTS // 2, 1.5),
        (4 * MANY_DOCUMENTS, 4),
        (MOST_TIMES * MANY_DOCUMENTS, MOST_TIMES),
        (100 * MANY_DOCUMENTS, MOST_TIMES),
    ],
)
def test_beyond_many_documents_the_steps_grow_with_them(documents, times):
    assert options_of("gru", {}, documents).steps == round(OWN * times)


def test_nothing_but_the_steps_changes():
    usual, many = (options_of("gru", {"hidden": 32}, n) for n in (1, 4 * MANY_DOCUMENTS))
    assert many.model_copy(update={"steps": usual.steps}) == usual


@pytest.mark.parametrize("named", [0, 7, OWN])
def test_steps_that_are_named_stay_as_they_are(named):
    assert options_of("gru", {"steps": named}, 100 * MANY_DOCUMENTS).steps == named


def test_a_model_that_takes_no_steps_has_the_options_that_it_had():
    assert options_of("ngram", {}, 100 * MANY_DOCUMENTS) == options_of("ngram", {}, 1)


@pytest.fixture
def few_are_many(monkeypatch):
    """Forty training documents are twice as many as many."""
    monkeypatch.setattr("tokgen.training.default_steps.MANY_DOCUMENTS", 20)


def test_the_plan_goes_by_the_training_documents(tmp_path, few_are_many):
    planned = plan(Recipe(corpus=words_file(tmp_path), model="gru"))
    documents = len(planned.corpus.split("train"))
    assert planned.options.steps == round(OWN * min(documents / 20, MOST_TIMES))


def test_a_part_has_the_same_steps_in_the_second_training(tmp_path, few_are_many):
    part = "rnn:hidden=4,embedding=2,evaluate_every=1,patience=1"
    options = {"parts": json.dumps([part])}
    recipe = Recipe(corpus=words_file(tmp_path), model="mixture", options=options, seed=1)
    planned = plan(recipe.model_copy(update={"refit": True}))
    model = train(planned).checkpoint.model
    times = planned.corpus.count_of("train") / 20
    assert times > 1
    assert model.parts[part].options.steps == round(OWN * times)
