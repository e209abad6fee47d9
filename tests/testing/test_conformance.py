"""The pytest test of a plugin: what is violated fails, what follows from it is skipped."""

from __future__ import annotations

import warnings

import pytest

from tokgen.testing import conformance
from tokgen.testing.catalogue import clauses_named

pytestmark = pytest.mark.usefixtures("wrong_plugins")


def held_to(name, clause, kind="tokenizers"):
    conformance(kind, name)(*clauses_named(clause))


def test_what_is_violated_fails_with_its_mend():
    with pytest.raises(pytest.fail.Exception, match="But: it is read all the same: "):
        held_to("BelievesItsState", "damaged-state")


@pytest.mark.parametrize(
    ("name", "clause", "cause"),
    [
        ("Lowers", "prefix-text", "round-trip"),
        ("PiecesCompose", "detokenizer-decode", "pieces-nfc"),
        ("AddsTerminator", "decode-ends", "ids-valid"),
    ],
)
def test_what_follows_from_a_fault_is_skipped(name, clause, cause):
    with pytest.raises(pytest.skip.Exception, match=f"^follows from {cause}$"):
        held_to(name, clause)


def test_what_was_kept_on_some_inputs_alone_is_told():
    with pytest.warns(UserWarning, match="^round-trip is kept on 8 of 9 document lists: with the"):
        held_to("AlwaysAHyphen", "round-trip")


def test_what_was_kept_on_all_inputs_needs_no_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held_to("CountsParts", "round-trip")
