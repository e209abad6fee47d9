"""The clauses of models: each is violated by a model made wrong in just that way."""

from __future__ import annotations

import pytest
from made_wrong import classes

from tokgen.testing import models
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.outcome import checked

WRONG = classes("models")


def not_passed(name):
    plugin = plugin_under_test("models", name, {})
    found = {each.clause.id: each for each in checked(models.CLAUSES, plugin)}
    return {each: outcome for each, outcome in found.items() if outcome.verdict != "passed"}


@pytest.mark.usefixtures("wrong_plugins")
@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_caught_by_its_clauses_alone(name):
    options = vars(WRONG[name]).get("checked_with", {})
    plugin = plugin_under_test("models", name, options)
    found = {each.clause.id: each for each in checked(models.CLAUSES, plugin)}
    failed = {each: outcome for each, outcome in found.items() if outcome.verdict == "failed"}
    assert failed.keys() == set(WRONG[name].violates)
    assert all(outcome.said for outcome in failed.values())
    if not failed:
        assert {outcome.verdict for outcome in found.values()} == {"passed"}


def test_every_clause_is_tried_on_a_fault():
    tried = set().union(*(each.violates for each in WRONG.values()))
    assert tried == {each.id for each in models.CLAUSES}


@pytest.mark.parametrize("name", ["ngram", "mlp", "gru"])
def test_first_party_models_violate_and_skip_nothing(name):
    assert {each: outcome.said for each, outcome in not_passed(name).items()} == {}


SMALL = [
    "bigram",
    "told",
    "single",
    "mixture",
    "told-mixture",
    "network",
    "told-network",
    "positions",
]


@pytest.mark.usefixtures("small_plugins")
@pytest.mark.parametrize("name", SMALL)
def test_small_right_models_violate_and_skip_nothing(name):
    assert {each: outcome.said for each, outcome in not_passed(name).items()} == {}
