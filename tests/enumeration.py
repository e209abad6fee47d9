"""Small models whose every document can be written down, and conditions with what they mean.

Each is there twice: with a start id behind the letters, and without one. The letters have the same
ids in both, so that a document is written down alike.
"""

from __future__ import annotations

import numpy as np
import pytest
from models import TableModel, symbols, symbols_begun

from tokgen.exact.condition_automata import (
    ANY_CHARACTER,
    literal,
    none_of,
    of_length,
)
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.text_automaton import all_of
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.exact.transitions import NOWHERE
from tokgen.generation.growth import Beginning
from tokgen.plugin_api.prefixes import Prefixes

LONGEST = 9
LETTERS = 2


with_and_without_start = pytest.mark.parametrize(
    "started", [False, True], ids=["plain", "start id"]
)


def vocabulary_of(letters=LETTERS, *, started=False):
    """Some letters, the start id where there is one, and the terminator, whose id is the last."""
    return symbols_begun(letters + 1) if started else symbols(letters + 1)


def small_model(seed, context=2, letters=LETTERS, *, started=False):
    """A few letters and a terminator; it ends so soon that enumeration is nearly all."""
    vocabulary = vocabulary_of(letters, started=started)
    weights = np.exp(TableModel.random(vocabulary.size, context, seed).table)
    weights[:, -1] += 0.75 * letters
    return TableModel.of_weights(weights, context, vocabulary)


def begun(source, drawn=()):
    """The beginning of every document of a model, with these tokens behind it."""
    return Beginning((*source.vocabulary.beginning, *drawn))


def letters_of(vocabulary):
    """The ids of what can follow and is not the terminator."""
    following = np.flatnonzero(vocabulary.can_follow).tolist()
    return [token for token in following if token != vocabulary.terminator_id]


def enumerate_documents(source, longest=LONGEST):
    """Every document of up to `longest` tokens with its probability, level by level."""
    letters, end = letters_of(source.vocabulary), source.vocabulary.terminator_id
    found = {(): 1.0}
    done = {}
    for _ in range(longest + 1):
        prefixes = Prefixes.of([(*source.vocabulary.beginning, *tokens) for tokens in found])
        rows = np.exp(source.next_logprobs(prefixes.last(source.context_length))).tolist()
        longer = {}
        for (tokens, probability), row in zip(found.items(), rows, strict=True):
            done[tokens] = probability * row[end]
            for token in letters:
                longer[(*tokens, token)] = probability * row[token]
        found = longer
    return done


SIZE = LETTERS + 1
SIZES = np.array([1, 1, 0])


def sizes_of(source):
    """How many characters each token has: a letter one, the terminator and a start id none."""
    return np.array([token < LETTERS for token in range(source.vocabulary.size)], np.int64)


def over_letters(text_automaton, *, started=False):
    """Over the tokens a and b, the start id where there is one, and the terminator."""
    vocabulary = vocabulary_of(started=started)
    pieces = [b"a", b"b", *(b"" for _ in range(LETTERS, vocabulary.size))]
    return TokenAutomaton.of(text_automaton, pieces, vocabulary.terminator_id)


def spelt(tokens):
    """The text of these tokens."""
    return "".join("ab"[token] for token in tokens)


def allows(automaton, tokens):
    """Whether an automaton allows a document, read one token at a time."""
    state = automaton.start
    for token in tokens:
        state = automaton.rows(np.array([state]))[0, token]
        if state == NOWHERE:
            return False
    return bool(automaton.accepts(np.array([state]))[0])


KNOWN = [(0,), (0, 1), (1, 1, 0)]
NOVEL = none_of([spelt(tokens) for tokens in KNOWN])
# Automata over the text, and what each of them says of the tokens.
CONDITIONS = {
    "length": (of_length(2, 4), lambda t: 2 <= len(t) <= 4),
    "length from": (of_length(3, None), lambda t: len(t) >= 3),
    "suffix": (of_pattern([None, *literal("ba")]), lambda t: t[-2:] == (1, 0)),
    "pattern": (
        of_pattern([*literal("a"), ANY_CHARACTER, None, *literal("b")]),
        lambda t: len(t) >= 3 and t[0] == 0 and t[-1] == 1,
    ),
    "contains": (
        of_pattern([None, *literal("bb"), None]),
        lambda t: any(t[i : i + 2] == (1, 1) for i in range(len(t))),
    ),
    "novel": (NOVEL, lambda t: t not in KNOWN),
    "all": (
        all_of(
            [
                of_length(2, 6),
                of_pattern([None, *literal("b")]),
                of_pattern([*literal("a"), None]),
                NOVEL,
            ]
        ),
        lambda t: 2 <= len(t) <= 6 and t[-1] == 1 and t[0] == 0 and t not in KNOWN,
    ),
}


def automaton_of(name, *, started=False):
    """The automaton of a condition over the tokens."""
    return over_letters(CONDITIONS[name][0], started=started)


def chi_square(observed, expected):
    return sum((observed[key] - n) ** 2 / n for key, n in expected.items())
