"""Lengths for which a state each does not fit: the same documents, and exact figures of them."""

from __future__ import annotations

import math

import pytest

import tokgen
from tokgen.exact.conditions import Conditions
from tokgen.text_model.analysis import analyze
from tokgen.text_model.generation_plan import Method
from tokgen.text_model.generation_request import GenerationRequest
from tokgen.text_model.posterior import posterior

LONG = Conditions(lengths=(300, 300), suffix="sh")
# The chain of the model fits, and no chain that has its states twice.
LITTLE = 24 << 20


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", "mlp")


@pytest.mark.parametrize(
    "conditions", [Conditions((6, 6)), Conditions((9, 12), suffix="a"), Conditions((8, None))]
)
@pytest.mark.parametrize("unique", [False, True])
def test_the_memory_changes_no_document(model, conditions, unique):
    asked = {"seed": 3, "conditions": conditions, "unique": unique}
    counted = list(model.generate(20, memory=LITTLE, **asked))
    assert model.source(conditions=conditions, memory=LITTLE).counted is not None
    written_out = list(model.generate(20, **asked))
    assert [each.text for each in counted] == [each.text for each in written_out]
    for one, other in zip(counted, written_out, strict=True):
        assert one.logprob == pytest.approx(other.logprob, rel=1e-9)
        assert one.logprob_drawn == pytest.approx(other.logprob_drawn, rel=1e-9)


def test_the_memory_changes_no_figure(model):
    conditions = Conditions((6, 6))
    little = analyze(model, model.source(conditions=conditions, memory=LITTLE))
    much = analyze(model, model.source(conditions=conditions))
    assert little.pop("condition_logprob") == pytest.approx(math.log(little["condition_prob"]))
    assert set(little) == set(much)
    for key in set(much) - {"states", "lengths"}:
        assert little[key] == pytest.approx(much[key], rel=1e-9)
    first = posterior(model, model.source(conditions=conditions, memory=LITTLE))
    second = posterior(model, model.source(conditions=conditions))
    assert first[2] == pytest.approx(second[2])


def test_after_a_prefix_the_length_is_that_of_the_whole_text(model):
    asked = {"seed": 1, "prefix": "sha", "conditions": Conditions((7, 8))}
    few = [each.text for each in model.generate(20, memory=LITTLE, **asked)]
    assert few == [each.text for each in model.generate(20, **asked)]
    assert set(map(len, few)) <= {7, 8}


def test_a_length_that_documents_hardly_ever_have_is_drawn_exactly(model):
    plan = model.generation(GenerationRequest(3, conditions=LONG)).plan
    assert plan.method is Method.table
    condition = plan.documents.condition_logprob
    for each in model.generate(3, seed=1, conditions=LONG):
        assert len(each.text) == 300
        assert each.text.endswith("sh")
        assert each.logprob == pytest.approx(model.score(each.text).logprob, rel=1e-9)
        assert each.logprob_drawn == pytest.approx(each.logprob - condition, rel=1e-9)


def test_the_most_probable_of_a_length(model):
    found = list(model.top(conditions=LONG, count=3))
    assert all(len(each.text) == 300 for each in found)
    assert [each.logprob for each in found] == sorted((e.logprob for e in found), reverse=True)
    drawn = max(each.logprob for each in model.generate(20, seed=1, conditions=LONG))
    assert found[0].logprob > drawn


def test_a_probability_below_the_least_float_is_told_by_its_logarithm(model):
    logprob = model.source(conditions=Conditions((4096, 4096))).condition_logprob
    assert -2000 < logprob < math.log(5e-324)
