"""Small models whose every document can be written down, and conditions with what they mean."""

from __future__ import annotations

import numpy as np
from models import TableModel

from tokgen.exact.automaton import all_of, none_of, of_length, of_pattern
from tokgen.plugin_api.prefixes import Prefixes

LONGEST = 9
LETTERS = 2


def small_model(seed, context=2):
    """Two letters and a terminator; it ends soon, so that enumeration to length 9 is nearly all."""
    table = TableModel.random(LETTERS + 1, context, seed).table
    weights = np.exp(table)
    weights[:, -1] += 1.5
    return TableModel(np.log(weights / weights.sum(axis=1, keepdims=True)), context)


def enumerate_documents(source):
    """Every document of up to 9 tokens with its probability, asking the model prefix by prefix."""
    found = {(): 1.0}
    done = {}
    for _ in range(LONGEST + 1):
        longer = {}
        for tokens, probability in found.items():
            row = np.exp(source.next_logprobs(Prefixes.of([tokens]).last(source.context_length)))[0]
            done[tokens] = probability * row[-1]
            for token in range(LETTERS):
                longer[(*tokens, token)] = probability * row[token]
        found = longer
    return done


ZERO, ONE, ANY = frozenset({0}), frozenset({1}), frozenset({0, 1})
SIZE = LETTERS + 1
KNOWN = [(0,), (0, 1), (1, 1, 0)]
CONDITIONS = {
    "length": (of_length(2, 4, SIZE), lambda t: 2 <= len(t) <= 4),
    "length from": (of_length(3, None, SIZE), lambda t: len(t) >= 3),
    "suffix": (of_pattern([None, ONE, ZERO], SIZE), lambda t: t[-2:] == (1, 0)),
    "pattern": (
        of_pattern([ZERO, ANY, None, ONE], SIZE),
        lambda t: len(t) >= 3 and t[0] == 0 and t[-1] == 1,
    ),
    "contains": (
        of_pattern([None, ONE, ONE, None], SIZE),
        lambda t: any(t[i : i + 2] == (1, 1) for i in range(len(t))),
    ),
    "novel": (none_of(KNOWN, SIZE), lambda t: t not in KNOWN),
}
CONDITIONS["all"] = (
    all_of(
        [
            of_length(2, 6, SIZE),
            of_pattern([None, ONE], SIZE),
            of_pattern([ZERO, None], SIZE),
            none_of(KNOWN, SIZE),
        ],
        SIZE,
    ),
    lambda t: 2 <= len(t) <= 6 and t[-1] == 1 and t[0] == 0 and t not in KNOWN,
)


def chi_square(observed, expected):
    return sum((observed[key] - n) ** 2 / n for key, n in expected.items())
