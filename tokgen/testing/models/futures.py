"""Clauses of the keys of a prefix's future, by which the Markov chain takes prefixes for one."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokgen.arrays import Ints
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.model_checks import check_state_keys
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import (
    Clause,
    ClauseNotCheckedError,
    ClauseViolatedError,
    clause,
    follows_from,
)
from tokgen.testing.models.asking import copied
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.documents import LETTERS
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable

# Of futures, which may be computed in another order.
TOLERANCE = 1e-5
CONTEXTS = 200
MOST_STEPS = 4


@clause
def state_keys_form(model: ModelUnderTest) -> None:
    """`state_keys` gives a matrix of integers (B, W) from 0 to V + 1, one row a prefix.

    Why: the Markov chain numbers its states by them, and would take two states for one.

    Mend: fill what is left of the beginning with V, as `prefixes.padded(width, vocabulary.size)`
    does, and what the model forgets with V + 1.
    """
    if not _has_own_keys(model):
        return
    for prefixes in model.clock.cases([*model.singles, model.prefixes]):
        try:
            check_state_keys(_keys(model, prefixes), len(prefixes), model.vocabulary.size)
        except NotAsPromisedError as wrong:
            raise ClauseViolatedError(str(wrong), model.described(prefixes)) from None


@follows_from(repeatable)
@clause
def state_keys_futures(model: ModelUnderTest) -> None:
    """Prefixes with equal `state_keys` have equal rows, then and after whatever follows.

    Why: exact probabilities are computed on a chain in which such prefixes are one state.

    Mend: return more of the context in `state_keys`; leave out a token only where no later row
    depends on it.
    """
    if not _has_own_keys(model):
        return
    prefixes = _contexts(model)
    keys = _keys(model, prefixes)
    if not isinstance(keys, np.ndarray) or keys.ndim != 2 or len(keys) != len(prefixes):
        raise ClauseNotCheckedError("state_keys does not give a matrix that can be compared")
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    same = first[group.reshape(-1)]
    for seed in model.clock.cases(range(4)):
        _require_one_future(model, prefixes, same, np.random.default_rng(seed))


def _require_one_future(
    model: ModelUnderTest, prefixes: Prefixes, same: Ints, generator: np.random.Generator
) -> None:
    followed: list[int] = []
    grown = prefixes
    for _ in range(min(model.raw.context_length or 0, MOST_STEPS) + 1):
        rows = model.rows(grown)
        where = f"with the same state keys as another prefix, after {followed} more"
        require_equal(model, rows, rows[same], prefixes, TOLERANCE, where)
        followed = [*followed, int(generator.integers(LETTERS))]
        grown = grown.append(np.full(len(grown), followed[-1], np.int64))


def _has_own_keys(model: ModelUnderTest) -> bool:
    own = model.implementation.state_keys is not LanguageModel.state_keys
    return own and model.raw.context_length is not None


def _keys(model: ModelUnderTest, prefixes: Prefixes) -> Any:
    raw = model.raw
    with model.calling("state_keys"):
        return raw.state_keys(copied(prefixes))


def _contexts(model: ModelUnderTest) -> Prefixes:
    """Contexts of the training documents with nothing given, and the model's prefixes."""
    examples = np.arange(min(len(model.train), CONTEXTS))
    both = model.prefixes.join(model.train.prefixes(examples, model.longest))
    shortest_first = both.select(np.argsort(both.lengths, kind="stable"))
    nothing = np.zeros_like(shortest_first.given)
    return Prefixes(shortest_first.ids, shortest_first.lengths, nothing)


CLAUSES: tuple[Clause, ...] = (state_keys_form, state_keys_futures)
