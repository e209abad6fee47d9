"""Losses against sums written out, for models with a window and without."""

from __future__ import annotations

import math

import numpy as np
import pytest
from models import CountingModel, TableModel, symbols

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.training.evaluation import evaluate, mean_nll

ROWS = [[], [0], [1, 0, 1], [0, 0, 0, 1], [0], [1, 1]]


@pytest.fixture(params=["window", "whole"])
def model(request):
    return TableModel.random(3, 2) if request.param == "window" else CountingModel(3)


def surprisals(model):
    for row in ROWS:
        for place, token in enumerate([*row, 2]):
            prefix = Prefixes.of([row[:place]]).last(model.context_length)
            yield -float(model.next_logprobs(prefix)[0, token])


def test_the_mean_is_that_of_each_token_by_itself(model):
    data = Dataset(EncodedDocuments.of(ROWS), symbols(3))
    each = list(surprisals(model))
    assert mean_nll(model, data) == pytest.approx(np.mean(each))
    measured = evaluate(model, data, characters=11)
    assert measured.tokens == len(each) == 17
    assert measured.documents == 6
    assert measured.nll == pytest.approx(np.mean(each))
    assert measured.bits_per_token == pytest.approx(np.mean(each) / math.log(2))
    assert measured.perplexity == pytest.approx(math.exp(np.mean(each)))
    assert measured.bits_per_char == pytest.approx(sum(each) / math.log(2) / 11)


def test_texts_without_a_character_have_bits_too(model):
    data = Dataset(EncodedDocuments.of([[], []]), symbols(3))
    assert math.isfinite(evaluate(model, data, characters=0).bits_per_char)
