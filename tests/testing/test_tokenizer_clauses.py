"""Every clause of tokenizers finds the tokenizer that is made wrong in that way, and no other."""

from __future__ import annotations

import json
from functools import cache

import pytest
from installing import Node
from made_wrong import classes

from tokgen import registry
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.testing import tokenizers
from tokgen.testing.catalogue import plugin_under_test
from tokgen.testing.outcome import checked

pytestmark = pytest.mark.usefixtures("wrong_plugins")

WRONG = classes("tokenizers")
RIGHT = {
    "characters": None,
    "alphabet": None,
    "started": "small_plugins:Started",
    "pairs": "small_plugins:Pairs",
    **{
        name: f"right_tokenizers:{name}"
        for name in ("Letters", "Composing", "Bytes", "Repeating", "Bases", "Prefixes")
    },
}


@cache
def outcomes(name):
    plugin = plugin_under_test("tokenizers", name, getattr(WRONG.get(name), "checked_with", {}))
    return {outcome.clause.id: outcome for outcome in checked(tokenizers.CLAUSES, plugin)}


def of_verdict(name, verdict):
    return {each: outcome for each, outcome in outcomes(name).items() if outcome.verdict == verdict}


@pytest.mark.parametrize("name", WRONG)
def test_a_tokenizer_made_wrong_violates_what_it_says(name):
    failed = of_verdict(name, "failed")
    assert failed.keys() == WRONG[name].violates, {key: each.said for key, each in failed.items()}


def test_every_clause_is_violated_by_a_tokenizer():
    assert set().union(*(each.violates for each in WRONG.values())) == {
        each.id for each in tokenizers.CLAUSES
    }


@pytest.fixture
def right_tokenizers(tmp_path, monkeypatch):
    points = {name: reference for name, reference in RIGHT.items() if reference}
    Node(tmp_path).install("tokgen-right", {}, {"tokenizers": points})
    monkeypatch.syspath_prepend(tmp_path)
    registry.look_again()
    yield
    registry.look_again()


@pytest.mark.usefixtures("right_tokenizers")
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_tokenizer_violates_nothing_and_nothing_is_skipped(name):
    told = {each: (outcome.said, outcome.shown) for each, outcome in outcomes(name).items()}
    assert of_verdict(name, "passed").keys() == outcomes(name).keys(), told


def test_what_shows_a_fault_is_the_smallest_list():
    lost = outcomes("TooSure")["prefix-certain"]
    assert lost.shown.startswith("fitted on ['a', 'ab', 'ba', 'abba', 'banana'], text 'b', more")
    unsorted = outcomes("Unsorted")["hash-seed"]
    assert "PYTHONHASHSEED=1" in unsorted.said


def test_a_tokenizer_that_can_be_fitted_on_nothing_is_not_checked(tmp_path, monkeypatch):
    source = """
from tokgen.plugin_api import RequestError
from right_tokenizers import Letters


class Refuses(Letters):
    @classmethod
    def fit(cls, options, documents, characters):
        raise RequestError("This corpus is too small.")
"""
    points = {"tokenizers": {"refuses": "refusing_tokenizer:Refuses"}}
    Node(tmp_path).install("tokgen-refusing", {"refusing_tokenizer.py": source}, points)
    monkeypatch.syspath_prepend(tmp_path)
    registry.look_again()
    assert of_verdict("refuses", "passed") == {}
    assert "This corpus is too small." in outcomes("refuses")["fits"].said
    registry.look_again()


def test_the_state_shown_is_what_json_holds():
    shown = outcomes("SortedWhenRead")["saved-and-read"].shown
    assert json.loads(shown.partition("state ")[2]) == {"units": ["n", "c", "b", "a"]}


def test_by_default_a_tokenizer_promises_no_unique_spelling():
    assert Tokenizer.unique_spelling is False
