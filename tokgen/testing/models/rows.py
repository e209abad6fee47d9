"""Clauses of the rows that a model gives, and of what in a prefix they may depend on."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tokgen.arrays import Floats
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.rows import check_form, check_normalised
from tokgen.plugin_api.positions import most_tokens
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
from tokgen.testing.models.model_under_test import OTHERS_UNUSABLE, ModelUnderTest
from tokgen.testing.models.repeating import repeatable


@clause
def rows_form(model: ModelUnderTest) -> None:
    """`next_logprobs` gives a row for each prefix, a number for each token, in the model's dtype.

    Why: everything after the model (samplers, search, scores) takes rows of that shape and type.

    Mend: return an array (B, V), `rows.astype(self.dtype)` at its end; give as many rows as there
    are prefixes, `len(prefixes)`, even for one.
    """
    for prefixes in model.clock.cases([*model.every_single, model.every_prefix]):
        raw = model.raw
        with model.calling("next_logprobs"):
            rows: Any = raw.next_logprobs(copied(prefixes))
        try:
            check_form(rows, (len(prefixes), model.vocabulary.size), model.raw.dtype)
        except NotAsPromisedError as wrong:
            shown = model.described(prefixes) if len(prefixes) == 1 else f"{len(prefixes)} prefixes"
            raise ClauseViolatedError(str(wrong), shown) from None


@clause
def normalised_rows(model: ModelUnderTest) -> None:
    """The probabilities of each row sum to 1; each log-probability is finite or -inf.

    Why: what is drawn, scored and searched would follow numbers that are no probabilities.

    Mend: end with `return normalised(logits)` of `tokgen.plugin_api`; think of the empty prefix.
    """
    for prefixes in model.clock.cases(model.every_single):
        try:
            check_normalised(model.rows_as_written(prefixes))
        except NotAsPromisedError as wrong:
            raise ClauseViolatedError(str(wrong), model.described(prefixes)) from None


@follows_from(repeatable)
@clause
def beginning_respected(model: ModelUnderTest) -> None:
    """Ids left of a prefix's beginning change nothing, whatever and however many they are.

    Why: prefixes of different lengths share one array, so that anything may stand left of the
    shorter ones: the same text would have other probabilities beside other texts.

    Mend: read `prefixes.padded(width, padding)`, or the last `prefixes.lengths[row]` ids of a row,
    instead of `prefixes.ids` as it is.
    """
    expected = model.rows(model.prefixes)
    tolerance = model.exact_or(model.rounding)
    fillings = (0, 1, model.vocabulary.terminator_id)
    for wider, filling in model.clock.cases([*itertools.product((0, 1, 4), fillings)]):
        other = _with_left(model.prefixes, wider, filling)
        where = f"with {filling} left of the beginning, in rows {wider} wider,"
        require_equal(model, model.rows(other), expected, model.prefixes, tolerance, where)


def _with_left(prefixes: Prefixes, wider: int, filling: int) -> Prefixes:
    width = prefixes.ids.shape[1] + wider
    return Prefixes(prefixes.padded(width, filling), prefixes.lengths, prefixes.given)


@follows_from(repeatable)
@clause
def context_enough(model: ModelUnderTest) -> None:
    """Tokens before the last `context_length` ones change nothing.

    Why: tokgen shows the model no more than these, so that generation would give one distribution
    and the model's own call another.

    Mend: make `context_length` as large as what `next_logprobs` reads, or None.
    """
    context = model.raw.context_length
    if context is None:
        return
    beyond = model.prefixes.select(np.flatnonzero(model.prefixes.lengths > context))
    most = most_tokens(model.raw)
    if not len(beyond):
        if most is None or most > context:
            raise ClauseNotCheckedError(f"prefixes of more than {context} tokens are not tried")
        return
    expected = model.rows(beyond)
    tolerance = model.exact_or(model.rounding)
    others = {
        "without what stands before": beyond.last(context),
        "with other ids before": _changed_before(beyond, context, model),
    }
    for changed, other in others.items():
        where = f"{changed} the last {context} tokens"
        require_equal(model, model.rows(other), expected, beyond, tolerance, where)


def _changed_before(prefixes: Prefixes, context: int, model: ModelUnderTest) -> Prefixes:
    ids = prefixes.ids.copy()
    before = ids.shape[1] - context
    ids[:, :before] = (ids[:, :before] + 1) % LETTERS
    return Prefixes(ids, prefixes.lengths, prefixes.given)


@clause
def context_used(model: ModelUnderTest) -> None:
    """The rows depend on the tokens within the context.

    Why: a model whose rows are all the same does not read its prefixes, which its author hardly
    meant; a model that needs no prefix declares the context length 0, and is then a much smaller
    Markov chain.

    Mend: read `prefixes.ids` in `next_logprobs`, or set `context_length = 0`.
    """
    if model.raw.context_length == 0 or model.longest == 0:
        return
    lengths = model.prefixes.lengths
    if (lengths == lengths[0]).all():
        raise ClauseNotCheckedError(f"the prefixes have one length: {OTHERS_UNUSABLE}")
    rows = _told_nothing(model)
    if np.isclose(rows, rows[:1], rtol=model.rounding, atol=model.rounding).all():
        raise ClauseViolatedError(
            "all prefixes have the same row", f"{len(model.prefixes)} different prefixes"
        )


def _told_nothing(model: ModelUnderTest) -> Floats:
    prefixes = model.prefixes
    return model.rows(Prefixes(prefixes.ids, prefixes.lengths, np.zeros_like(prefixes.given)))


@clause
def prefixes_unharmed(model: ModelUnderTest) -> None:
    """The model changes no array that it is given.

    Why: the caller goes on using the same arrays; tokgen hands them out read-only, so that a model
    that writes into them fails.

    Mend: take a copy first (`ids = prefixes.ids.copy()`, or `prefixes.padded(…)`, which is one).
    """
    raw = model.raw
    calls = [raw.next_logprobs, raw.decoder, raw.token_logprobs, raw.explain]
    if raw.context_length is not None:
        calls.append(raw.state_keys)
    for prefixes in model.clock.cases([model.singles[0], model.singles[-1], model.prefixes]):
        for call in calls:
            asked = model.without_beginning(prefixes) if call == raw.token_logprobs else prefixes
            if call == raw.token_logprobs and not asked.lengths.all():
                continue
            lent = copied(asked)
            with model.calling(call.__name__):
                call(lent)
            for name in ("ids", "lengths", "given"):
                if not np.array_equal(getattr(lent, name), getattr(asked, name)):
                    raise ClauseViolatedError(
                        f"{call.__name__} changed {name!r}", model.described(prefixes)
                    )


CLAUSES: tuple[Clause, ...] = (
    rows_form,
    normalised_rows,
    beginning_respected,
    context_enough,
    context_used,
    prefixes_unharmed,
)
