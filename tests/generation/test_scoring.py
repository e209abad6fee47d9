"""Scoring documents: as a model speaks them, with no more work than they need."""

from __future__ import annotations

import numpy as np
import pytest
from models import TableModel
from overlapping import MODELS, Recurrent

from tokgen.errors import RequestError
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.scoring import token_logprobs, tokens_read
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.text_model.cross_entropy import MOST_BY_HAND

LONGEST = 65_536


class Asked(TableModel):
    """Counts how often it is asked, and about how many prefixes."""

    calls = rows = 0

    def next_logprobs(self, prefixes):
        self.calls += 1
        self.rows += len(prefixes)
        return super().next_logprobs(prefixes)


def dataset(model, documents):
    vocabulary = model.vocabulary
    given = np.zeros((len(documents), len(vocabulary.columns)), np.int64)
    return Dataset(EncodedDocuments.of(documents), vocabulary, given)


def drawn(vocabulary, length, seed=0):
    can_follow = np.flatnonzero(vocabulary.can_follow)
    letters = can_follow[can_follow != vocabulary.terminator_id]
    return np.random.default_rng(seed).choice(letters, length).tolist()


@pytest.mark.parametrize("name", MODELS)
def test_a_score_has_the_bits_of_what_is_drawn(name):
    model = MODELS[name].model
    documents = [drawn(model.vocabulary, length, length) for length in (0, 1, 7, 30)]
    data = dataset(model, documents)
    logprobs = token_logprobs(model, data)
    for start, document in zip(data.starts.tolist(), documents, strict=True):
        growth = Growth.begin(model, SamplerChain(), Beginning(model.vocabulary.beginning))
        for place, token in enumerate([*document, model.vocabulary.terminator_id]):
            assert logprobs[start + place] == growth.rows.model[0, token]
            growth = growth.after(np.zeros(1, np.int64), np.array([token]))


def test_each_context_of_a_long_document_is_evaluated_once():
    model = Asked(TableModel.random(5, 3).table, 3)
    document = drawn(model.vocabulary, 100_000)
    logprobs = token_logprobs(model, dataset(model, [document]))
    read, end = [4, 4, 4, *document, 4], model.vocabulary.terminator_id
    contexts = {tuple(read[place : place + 3]) for place in range(len(document) + 1)}
    assert model.rows == len(contexts)
    assert model.calls == 1
    for place in (0, 1, 500, 99_999, 100_000):
        number = np.dot(read[place : place + 3], [25, 5, 1])
        assert logprobs[place] == model.table[number, [*document, end][place]]


@pytest.mark.parametrize("name", MODELS)
def test_whoever_waits_is_told_how_many_tokens_have_been_read(name):
    model, told = MODELS[name].model, []
    data = dataset(model, [drawn(model.vocabulary, length) for length in (0, 4, 9, 9)])
    with tokens_read.by(lambda *numbers: told.append(numbers)):
        token_logprobs(model, data)
    done = [number for number, _ in told]
    assert done[0] == 0
    assert done == sorted(done)
    assert {at_most for _, at_most in told} == {len(data)}
    assert done[-1] < len(data)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("asked", ["score", "loss", "step"])
def test_a_text_that_no_corpus_could_hold_is_refused_before_any_work(name, asked):
    model = MODELS[name]
    with pytest.raises(
        RequestError, match="The text has 65,537 bytes; a document may have at most 65,536"
    ):
        getattr(model, asked)("a" * (LONGEST + 1))


def test_the_longest_document_has_a_score():
    assert len(MODELS["table"].score("a" * LONGEST).tokens) == LONGEST + 1


@pytest.mark.parametrize("name", MODELS)
def test_a_loss_that_nobody_could_follow_is_refused_before_any_work(name):
    model = MODELS[name]
    before = getattr(model.model, "read", 0)
    with pytest.raises(RequestError, match=r"4,097 tokens; .* `score` takes longer texts"):
        model.loss("a" * MOST_BY_HAND)
    assert getattr(model.model, "read", 0) == before
    assert isinstance(model.model, Recurrent) or model.loss("a" * (MOST_BY_HAND - 1)).mean > 0
