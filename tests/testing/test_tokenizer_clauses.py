"""Every clause of tokenizers finds the tokenizer that is made wrong in that way, and no other."""

from __future__ import annotations

import json

import pytest
from installing import Node
from made_wrong import (
    assert_every_clause_is_violated,
    assert_keeps_everything,
    assert_violates_what_it_says,
    classes,
    of_verdict,
    outcomes,
)

from tokgen.plugin_api.tokenizer import Tokenizer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("wrong_plugins")]

WRONG = classes("tokenizers")
RIGHT = {
    "characters": None,
    "alphabet": None,
    "bpe": None,
    "bytes": None,
    "words": None,
    "started": "small_plugins:Started",
    "pairs": "small_plugins:Pairs",
    **{
        name: f"right_tokenizers:{name}"
        for name in ("Letters", "Composing", "Bytes", "Repeating", "Bases", "Prefixes")
    },
}


@pytest.mark.parametrize("name", WRONG)
def test_a_tokenizer_made_wrong_violates_what_it_says(name):
    assert_violates_what_it_says("tokenizers", name)


def test_every_clause_is_violated_by_a_tokenizer():
    assert_every_clause_is_violated("tokenizers")


@pytest.fixture
def right_tokenizers(tmp_path):
    points = {name: reference for name, reference in RIGHT.items() if reference}
    site = Node(tmp_path)
    site.install("tokgen-right", {}, {"tokenizers": points})
    with site.found():
        yield


@pytest.mark.usefixtures("right_tokenizers")
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_tokenizer_violates_nothing_and_nothing_is_skipped(name):
    assert_keeps_everything("tokenizers", name)


@pytest.mark.parametrize(
    ("name", "clause", "cause"),
    [
        ("LowersTheCorpus", "fits", "documents-unharmed"),
        ("Shuffled", "hash-seed", "fit-deterministic"),
        ("NumbersAsKeys", "damaged-state", "saved-and-read"),
        ("Backwards", "prefix-text", "pieces-decode"),
        ("TerminatorHasAPiece", "decode-ends", "pieces"),
    ],
)
def test_what_follows_from_a_fault_is_told_behind_it_and_is_no_second_fault(name, clause, cause):
    found = outcomes("tokenizers", name)
    assert (found[clause].verdict, found[clause].said) == ("skipped", f"follows from {cause}")


def test_what_was_kept_on_some_document_lists_alone_says_so():
    kept = of_verdict("tokenizers", "NumpyIds", "passed")
    told = "on 1 of 9 document lists: with the others it could not be used"
    assert {outcome.said for outcome in kept.values()} == {"", told}
    assert kept["documents-unharmed"].said == ""


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("AlwaysAHyphen", "a corpus may hold '-': let `terminator_symbol(symbols)` of "),
        ("ItsLettersTwice", "give each token once: "),
        ("LineFeed", "Give each token once: "),
    ],
)
def test_the_mend_is_that_of_the_symbols(name, mend):
    assert outcomes("tokenizers", name)["symbols"].mend.startswith(mend)


def test_a_position_is_counted_before_a_character_is_split():
    outcome = outcomes("tokenizers", "CountsParts")["unknown-character"]
    assert outcome.said.startswith("the refusal does not name the position 2: ")
    assert "at position 3" in outcome.said


def test_what_shows_a_fault_is_the_smallest_list():
    lost = outcomes("tokenizers", "TooSure")["prefix-certain"]
    assert lost.shown.startswith("fitted on ['a', 'ab', 'ba', 'abba', 'banana'], text 'b', more")
    unsorted = outcomes("tokenizers", "Unsorted")["hash-seed"]
    assert "PYTHONHASHSEED=1" in unsorted.said


def test_a_tokenizer_that_can_be_fitted_on_nothing_is_not_checked(tmp_path):
    source = """
from tokgen.plugin_api import RequestError
from right_tokenizers import Letters


class Refuses(Letters):
    @classmethod
    def fit(cls, options, documents, characters):
        raise RequestError("This corpus is too small.")
"""
    points = {"tokenizers": {"refuses": "refusing_tokenizer:Refuses"}}
    site = Node(tmp_path)
    site.install("tokgen-refusing", {"refusing_tokenizer.py": source}, points)
    with site.found():
        assert of_verdict("tokenizers", "refuses", "passed") == {}
        assert "This corpus is too small." in outcomes("tokenizers", "refuses")["fits"].said


def test_the_state_shown_is_what_json_holds():
    shown = outcomes("tokenizers", "SortedWhenRead")["saved-and-read"].shown
    assert json.loads(shown.partition("state ")[2]) == {"units": ["n", "c", "b", "a"]}


def test_by_default_a_tokenizer_promises_no_unique_spelling():
    assert Tokenizer.unique_spelling is False
