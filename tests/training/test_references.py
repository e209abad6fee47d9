"""What a training is seen beside: guessing, and the n-gram as `eval` measures it."""

from __future__ import annotations

import math

import pytest
from words import words_file

from tokgen.training.measuring import loss_of
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.references import references
from tokgen.training.train import train


def test_the_n_gram_has_the_loss_of_one_that_is_trained(tmp_path):
    corpus = words_file(tmp_path)
    beside = references(plan(Recipe(corpus=corpus, model="mlp")))
    n_gram = plan(Recipe(corpus=corpus, model="ngram"))
    assert beside.baseline == loss_of(train(n_gram).checkpoint, n_gram.corpus, "validation")
    assert references(n_gram).baseline is None


def test_guessing_evenly_costs_the_logarithm_of_what_can_follow(tmp_path):
    beside = references(plan(Recipe(corpus=words_file(tmp_path), model="mlp")))
    assert beside.tokens == 27
    assert beside.uniform == pytest.approx(math.log(27))


def test_where_nothing_is_held_out_there_is_only_guessing(tmp_path):
    alone = references(plan(Recipe(corpus=words_file(tmp_path, ["bana"]), model="mlp")))
    assert alone.frequency is alone.baseline is None
