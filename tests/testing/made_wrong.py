"""Plugins made wrong on purpose, each with the clauses that it violates, and those that are right.

A class in `wrong_samplers`, `wrong_models`, `wrong_tokenizers` says in `violates` the ids of all
clauses that it fails, and in `checked_with` the options that it is checked with.
"""

from __future__ import annotations

import importlib

from tokgen.testing.catalogue import CLAUSES, plugin_under_test
from tokgen.testing.outcome import checked

MODULES = {
    "samplers": "wrong_samplers",
    "models": "wrong_models",
    "tokenizers": "wrong_tokenizers",
}


def classes(kind):
    """The classes of one kind that say what they violate, by the names they are registered as."""
    module = importlib.import_module(MODULES[kind])
    return {
        name: each
        for name, each in vars(module).items()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and "violates" in vars(each)
    }


def entry_points():
    """Entry points of all of them, as an installed distribution would have them."""
    return {
        kind: {name: f"{module}:{name}" for name in classes(kind)}
        for kind, module in MODULES.items()
    }


def outcomes(kind, name, options=None):
    """What comes of every clause, by id."""
    plugin = plugin_under_test(kind, name, options or {})
    return {outcome.clause.id: outcome for outcome in checked(CLAUSES[kind], plugin)}


def violated(kind, name, options=None):
    """The ids of the clauses that the plugin fails."""
    found = outcomes(kind, name, options)
    return {each for each, outcome in found.items() if outcome.verdict == "failed"}
