"""Plugins made wrong on purpose, each with the clauses that it violates, and those that are right.

A class in one of the modules says in `violates` the ids of all
clauses that it fails, and in `checked_with` the options that it is checked with.
"""

from __future__ import annotations

import importlib
from functools import cache

from tokgen.testing import every_kind
from tokgen.testing.catalogue import CLAUSES, plugin_under_test
from tokgen.testing.conformance import SECONDS_A_CLAUSE
from tokgen.testing.outcome import checked

MODULES = {
    "samplers": ("wrong_samplers",),
    "models": ("wrong_models", "wrong_start_models", "wrong_part_models", "wrong_torch_models"),
    "tokenizers": ("wrong_tokenizers",),
}


def classes(kind):
    """The classes of one kind that say what they violate, by the names they are registered as."""
    return {
        name: each
        for module in map(importlib.import_module, MODULES[kind])
        for name, each in vars(module).items()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and "violates" in vars(each)
    }


def entry_points():
    """Entry points of all of them, as an installed distribution would have them."""
    return {
        kind: {name: f"{each.__module__}:{name}" for name, each in classes(kind).items()}
        for kind in MODULES
    }


def own_clauses(kind):
    """The clauses that a kind has beside those of every kind."""
    return [each for each in CLAUSES[kind] if each not in every_kind.CLAUSES]


@cache
def outcomes(kind, name, **options):
    """What comes of each of the kind's own clauses, by id."""
    options = options or getattr(classes(kind).get(name), "checked_with", {})
    plugin = plugin_under_test(kind, name, options)
    # As for an author's tests: however busy the machine is, no clause is skipped.
    found = checked(own_clauses(kind), plugin, seconds=SECONDS_A_CLAUSE)
    return {outcome.clause.id: outcome for outcome in found}


def of_verdict(kind, name, verdict):
    """Those of the outcomes that have this verdict."""
    found = outcomes(kind, name)
    return {each: outcome for each, outcome in found.items() if outcome.verdict == verdict}


def assert_violates_what_it_says(kind, name):
    """It fails the clauses that its class names, each with a word on why, and no other."""
    failed = of_verdict(kind, name, "failed")
    told = {each: outcome.said for each, outcome in failed.items()}
    assert failed.keys() == set(classes(kind)[name].violates), told
    assert all(told.values())


def assert_every_clause_is_violated(kind):
    """Each clause that this kind has beside those of every kind is tried on a fault."""
    violated = set().union(*(each.violates for each in classes(kind).values()))
    assert violated == {each.id for each in own_clauses(kind)}


def assert_keeps_everything(kind, name, **options):
    """It passes every clause; none is failed or skipped."""
    told = {
        each: (outcome.verdict, outcome.said, outcome.shown)
        for each, outcome in outcomes(kind, name, **options).items()
        if outcome.verdict != "passed"
    }
    assert told == {}, told
