"""Clauses of what follows a prefix: keys of its future, and scores of whole documents."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.model_checks import check_state_keys, check_token_logprobs
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError, clause
from tokgen.testing.models.asking import copied
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.documents import LETTERS
from tokgen.testing.models.model_under_test import ModelUnderTest

# Of scores and of futures, which may be computed in another order than rows are.
TOLERANCE = 1e-5
CONTEXTS = 200
DOCUMENTS = 12
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


@clause
def scores_as_rows(model: ModelUnderTest) -> None:
    """`token_logprobs` gives what `next_logprobs` gives position after position.

    Why: evaluation asks the one and generation the other: the loss that is told would not be that
    of what is generated.

    Mend: shift the inputs by one, so that position t reads the ids before t; begin with the
    terminator or the start id, which takes no share; the ids are aligned to the right. A torch
    module that returns a cache goes on from the one that it is given: the cache that it returns
    stands for all ids before, those of the earlier cache included.
    """
    for document in model.clock.cases(_documents(model)):
        scores = _scores(model, document)
        if scores is None:
            return
        ids = document[0]
        begun = [*model.vocabulary.beginning]
        prefixes = Prefixes.of([begun + ids[:place] for place in range(len(ids))])
        given = np.repeat(document.given, len(ids), axis=0)
        prefixes = Prefixes(prefixes.ids, prefixes.lengths, given)
        rows = model.rows(prefixes)
        found = rows.copy()
        found[np.arange(len(ids)), ids] = scores
        require_equal(model, found, rows, prefixes, TOLERANCE, f"as token_logprobs of {ids} scores")


@clause
def causal(model: ModelUnderTest) -> None:
    """In `token_logprobs` a later id changes no score of an earlier one.

    Why: a model that looks ahead knows the answer; its loss means nothing.

    Mend: mask what comes later (attention), or read the ids one after the other.
    """
    for document in model.clock.cases(_documents(model)):
        scores = _scores(model, document)
        if scores is None:
            return
        for place in range(1, len(scores) - 1):
            ids = document.ids.copy()
            ids[:, place:-1] = (ids[:, place:-1] + 1) % LETTERS
            changed = _scores(model, Prefixes(ids, document.lengths, document.given))
            if changed is None:
                raise ClauseViolatedError("it scores some documents and not others", str(ids[0]))
            distance = np.abs(changed[:place] - scores[:place]).max()
            if not distance <= model.rounding:
                raise ClauseViolatedError(
                    f"other ids from position {place} on change an earlier score by "
                    f"{distance:.2g} nats",
                    f"the document {document[0]} and the document {ids[0].tolist()}",
                )


def _documents(model: ModelUnderTest) -> list[Prefixes]:
    """Single documents with their terminators, the shortest first."""
    shortest = np.argsort(model.validation.lengths, kind="stable")
    chosen = shortest[:: max(1, len(shortest) // DOCUMENTS)]
    return [model.validation.documents_at(np.array([row])) for row in chosen.tolist()]


def _scores(model: ModelUnderTest, document: Prefixes) -> Floats | None:
    """The scores (T,) of one document; None where the model has no way of its own."""
    raw = model.raw
    with model.calling("token_logprobs"):
        scores = raw.token_logprobs(copied(document))
    if scores is None:
        return None
    try:
        check_token_logprobs(scores, document)
    except NotAsPromisedError as wrong:
        raise ClauseViolatedError(str(wrong), f"the document {document[0]}") from None
    return scores[0]


CLAUSES: tuple[Clause, ...] = (state_keys_form, state_keys_futures, scores_as_rows, causal)
