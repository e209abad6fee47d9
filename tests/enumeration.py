"""Small models whose every document can be written down, and conditions with what they mean."""

from __future__ import annotations

import numpy as np
from models import TableModel

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
from tokgen.plugin_api.prefixes import Prefixes

LONGEST = 9
LETTERS = 2


def small_model(seed, context=2, letters=LETTERS):
    """A few letters and a terminator; it ends so soon that enumeration is nearly all."""
    table = TableModel.random(letters + 1, context, seed).table
    weights = np.exp(table)
    weights[:, -1] += 0.75 * letters
    return TableModel(np.log(weights / weights.sum(axis=1, keepdims=True)), context)


def enumerate_documents(source, longest=LONGEST):
    """Every document of up to `longest` tokens with its probability, level by level."""
    found = {(): 1.0}
    done = {}
    for _ in range(longest + 1):
        prefixes = Prefixes.of(list(found))
        rows = np.exp(source.next_logprobs(prefixes.last(source.context_length))).tolist()
        longer = {}
        for (tokens, probability), (*letters, end) in zip(found.items(), rows, strict=True):
            done[tokens] = probability * end
            for token, share in enumerate(letters):
                longer[(*tokens, token)] = probability * share
        found = longer
    return done


SIZE = LETTERS + 1
PIECES = [b"a", b"b", b""]
SIZES = np.array([1, 1, 0])


def over_letters(text_automaton):
    """Over the tokens a, b and the terminator."""
    return TokenAutomaton.of(text_automaton, PIECES, LETTERS)


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
CONDITIONS = {
    "length": (over_letters(of_length(2, 4)), lambda t: 2 <= len(t) <= 4),
    "length from": (over_letters(of_length(3, None)), lambda t: len(t) >= 3),
    "suffix": (over_letters(of_pattern([None, *literal("ba")])), lambda t: t[-2:] == (1, 0)),
    "pattern": (
        over_letters(of_pattern([*literal("a"), ANY_CHARACTER, None, *literal("b")])),
        lambda t: len(t) >= 3 and t[0] == 0 and t[-1] == 1,
    ),
    "contains": (
        over_letters(of_pattern([None, *literal("bb"), None])),
        lambda t: any(t[i : i + 2] == (1, 1) for i in range(len(t))),
    ),
    "novel": (over_letters(NOVEL), lambda t: t not in KNOWN),
}
CONDITIONS["all"] = (
    over_letters(
        all_of(
            [
                of_length(2, 6),
                of_pattern([None, *literal("b")]),
                of_pattern([*literal("a"), None]),
                NOVEL,
            ]
        )
    ),
    lambda t: 2 <= len(t) <= 6 and t[-1] == 1 and t[0] == 0 and t not in KNOWN,
)


def chi_square(observed, expected):
    return sum((observed[key] - n) ** 2 / n for key, n in expected.items())
