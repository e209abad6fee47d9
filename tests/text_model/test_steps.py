"""The steps of a document are those by which `generate` makes it."""

from __future__ import annotations

import numpy as np
import pytest
from overlapping import MODELS
from samplers import CHAINS


@pytest.mark.parametrize("prefix", ["", "lash"])
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_steps_make_the_first_document(model, chain, prefix):
    for seed in range(5):
        (document,) = model.generate(1, prefix=prefix, seed=seed, samplers=chain)
        taken = list(model.steps(prefix, seed=seed, samplers=chain))
        drawn = [step.id for step in taken]
        start = len(model.tokenizer.vocabulary.beginning)
        ids = [*model.beginning(prefix).ids[start:], *drawn]
        if document.finished:
            assert ids.pop() == model.tokenizer.terminator_id
        assert tuple(ids) == document.ids
        assert sum(step.logprob_drawn for step in taken) == pytest.approx(document.logprob_drawn)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_number_says_why_it_is_this_token(model):
    for step in model.steps(seed=3, samplers=CHAINS["all"]):
        sums = np.cumsum(step.next.probs)
        assert step.token == step.next.symbols[step.id]
        assert step.id == np.searchsorted(sums, step.number, side="right")
        assert 0 <= step.number < 1


@pytest.mark.parametrize("limit", [2, 3, 4])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_length_limit_cuts_the_document(model, limit):
    cut = set()
    for seed in range(10):
        (document,) = model.generate(1, seed=seed, max_length=limit)
        drawn = [step.id for step in model.steps(seed=seed, max_length=limit)]
        end = [model.tokenizer.terminator_id] if document.finished else []
        assert drawn == [*document.ids, *end]
        cut.add(document.finished)
    assert cut == {True, False}
