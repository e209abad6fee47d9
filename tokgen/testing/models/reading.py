"""Clauses of how a model reads documents: as a whole, one id after the other, and not ahead."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from tokgen.arrays import Floats
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.model_checks import check_token_logprobs
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.models.asking import as_asked, copied
from tokgen.testing.models.batches import batch_independence
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.documents import LETTERS
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable

# Of what may be computed in another order than rows are.
TOLERANCE = 1e-5
DOCUMENTS = 12


@follows_from(repeatable)
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


@follows_from(repeatable, batch_independence, causal)
@clause
def cache_continues(model: ModelUnderTest) -> None:
    """The cache that `forward` of a torch model returns stands for all ids read so far: going on
    from it gives the logits that reading all of them at once gives.

    Why: generation reads one id after the other, each with the cache of those before it, while
    training reads all at once: the model would generate from another distribution than the one that
    it has learnt.

    Mend: go on from the cache that is given and return one that holds the earlier ids too: of a
    recurrent layer `self.recurrent(x, from_cache(cache))` and `to_cache(last)`, of keys and values
    `torch.cat([cache[0], keys], dim=1)`. Count positions from the length of the cache on.
    """
    if not _keeps_a_cache(model):
        return
    beginning = [*model.vocabulary.beginning]
    letters = np.random.default_rng(5).integers(LETTERS, size=model.longest).tolist()
    for length in model.clock.cases(range(1, model.longest + 1)):
        prefixes = model.prefixes_of([beginning + letters[:length]])
        where = "going on from its cache, instead of reading all ids at once,"
        at_once = _rows_at_once(model, prefixes)
        require_equal(model, model.rows(prefixes), at_once, prefixes, TOLERANCE, where)


def _keeps_a_cache(model: ModelUnderTest) -> bool:
    torch_model: Any = sys.modules.get("tokgen.plugin_api.torch.model")
    if torch_model is None or not isinstance(model.raw, torch_model.TorchModel):
        return False
    from tokgen.plugin_api.torch.tiles import gives_a_cache

    with model.calling("forward"):
        return gives_a_cache(model.raw)


def _rows_at_once(model: ModelUnderTest, prefixes: Prefixes) -> Floats:
    """Rows (B, V) of a torch model that reads each prefix in one call, without a cache."""
    from tokgen.plugin_api.torch.tiles import last_logprobs

    raw: Any = model.raw
    with model.calling("forward"):
        return as_asked(last_logprobs(raw, prefixes), model.vocabulary)


@follows_from(repeatable, batch_independence, causal, cache_continues)
@clause
def scores_as_rows(model: ModelUnderTest) -> None:
    """`token_logprobs` gives each id the log-probability that `next_logprobs` gives it.

    Why: evaluation asks the one and generation the other: the loss that is shown would not belong
    to the distribution that documents are drawn from.

    Mend: shift the inputs by one, so that position t reads the ids before t; begin with the
    terminator or the start id, which takes no share; the ids are aligned to the right.
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


def _documents(model: ModelUnderTest) -> list[Prefixes]:
    """Single documents with their terminators, the shortest first.

    Raises:
        ClauseNotCheckedError: the model cannot be fitted.
    """
    _ = model.fitted
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


CLAUSES: tuple[Clause, ...] = (causal, cache_continues, scores_as_rows)
