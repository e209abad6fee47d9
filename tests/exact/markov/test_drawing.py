"""Documents of a conditioned chain end, however long they are."""

from __future__ import annotations

import numpy as np
import pytest
from enumeration import SIZE, over_letters

from tokgen.exact.condition_automata import literal
from tokgen.exact.longest import TooLongError
from tokgen.exact.markov import drawing
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.pattern_automaton import of_pattern


def ending_abba(ending):
    """Two letters and an end of this probability after each; documents end with `abba`."""
    row = [0.5, 0.5 - ending, ending]
    chain = MarkovChain(np.log([row]), np.array([[0, 0, -1]], np.int32), SIZE - 1)
    return condition_on(chain, over_letters(of_pattern([None, *literal("abba")]))).chain


def test_no_document_is_cut():
    drawn = [each.tokens for each in with_replacement(ending_abba(5e-4), 1, np.arange(50))]
    assert len(drawn) == 50
    assert max(map(len, drawn)) > 5000
    assert all(tokens[-4:] == (0, 1, 1, 0) for tokens in drawn)


def test_how_many_are_drawn_at_once_changes_no_document(monkeypatch):
    documents = ending_abba(0.05)
    together = list(with_replacement(documents, 2, np.arange(100)))
    monkeypatch.setattr(drawing, "FIRST_DOCUMENTS", 3)
    monkeypatch.setattr(drawing, "TOKENS_AT_ONCE", 10)
    assert list(with_replacement(documents, 2, np.arange(100))) == together


def test_a_document_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(drawing, "LONGEST_DRAWN", 100)
    with pytest.raises(TooLongError, match="has not ended after 100 tokens"):
        list(with_replacement(ending_abba(5e-4), 1, np.arange(50)))
