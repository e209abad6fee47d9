"""What the size of a corpus decides where an option is left open."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from tokgen.corpus.opening import open_corpus
from tokgen.plugin_api.torch.network_options import (
    NetworkOptions,
    evaluate_every_for,
    weight_decay_for,
)
from tokgen.training.measuring import loss_of
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

OPEN = NetworkOptions()
SIZES = [0, 1, 10, 400, 2_000, 8_000, 25_000, 75_000, 10**6, 10**10]


def test_a_large_corpus_has_the_ordinary_settings():
    for tokens in (75_000, 10**6, 10**10):
        assert weight_decay_for(OPEN, tokens) == 0.1
        assert evaluate_every_for(OPEN, tokens) == 100


def test_a_smaller_corpus_is_held_back_more_and_watched_more_closely():
    decays = [weight_decay_for(OPEN, tokens) for tokens in SIZES]
    periods = [evaluate_every_for(OPEN, tokens) for tokens in SIZES]
    assert all(more >= less for more, less in pairwise(decays))
    assert all(less <= more for less, more in pairwise(periods))
    assert (decays[0], periods[0]) == (8, 10)


def test_what_is_given_counts():
    given = NetworkOptions(weight_decay=0, evaluate_every=7)
    assert {weight_decay_for(given, tokens) for tokens in SIZES} == {0}
    assert {evaluate_every_for(given, tokens) for tokens in SIZES} == {7}


@pytest.fixture(scope="module")
def mean_loss(tmp_path_factory):
    """The mean loss on other names, nats per token, of models of three lists of so many names."""
    names = sorted(set(open_corpus("indian-names").documents))
    Random(0).shuffle(names)
    known, others = names[1500:], names[:1500]
    folder = tmp_path_factory.mktemp("sizes")

    def corpus(file, words):
        (folder / file).write_text("\n".join(words) + "\n")
        return str(folder / file)

    held_out = open_corpus(corpus("others.txt", others))

    def loss(model, count, draw, **options):
        chosen = corpus(f"{count}.txt", Random(draw).sample(known, count))
        recipe = Recipe(corpus=chosen, model=model, options=options, tokenizer="characters")
        return loss_of(train(plan(recipe)).checkpoint, held_out, "all")

    return lambda *asked, **options: np.mean([loss(*asked, d, **options) for d in range(3)])


@pytest.mark.parametrize("count", [50, pytest.param(300, marks=pytest.mark.long)])
def test_a_network_of_few_words_is_no_worse_than_a_bigram(mean_loss, count):
    bigram = mean_loss("ngram", count, order=2)
    assert mean_loss("mlp", count) < bigram
    assert mean_loss("gru", count) < bigram
