"""Clauses of what a model declares or offers beside its rows: columns, positions, explanations."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Floats
from tokgen.errors import PluginError
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.model_checks import check_embedding_table, check_explanations
from tokgen.guards.rows import check_normalised
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
from tokgen.testing.models.batches import batch_independence
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.documents import LETTERS
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable

TOLERANCE = 1e-6
MOST_POSITIONS_TRIED = 4096


@follows_from(repeatable, batch_independence)
@clause
def given_declared(model: ModelUnderTest) -> None:
    """A model that does not declare `reads_given` does not read `Prefixes.given`.

    Why: tokgen gives columns only to models that declare it, so that this model would ignore what a
    user gives, in silence.

    Mend: write `reads_given = True` into the class, or leave `given` alone.
    """
    if model.guarded.reads_given:
        return
    prefixes = model.prefixes
    told = Prefixes(prefixes.ids, prefixes.lengths, np.array([[1, 2]] * len(prefixes)))
    expected = model.rows(prefixes)
    where = "with given [1, 2]"
    require_equal(model, model.rows(told), expected, prefixes, model.rounding, where)


@follows_from(repeatable)
@clause
def unknown_value(model: ModelUnderTest) -> None:
    """In `given`, 0 says that the value is not known; the first listed value has the id 1.

    Why: a user who gives no value would get documents as if the first (or the last) had been given.

    Mend: make tables with `len(values) + 1` rows and look them up by the id as it is.
    """
    for column, (name, values) in enumerate(model.vocabulary.columns.items()):
        unknown, *rows = [_rows_given(model, column, each) for each in range(len(values) + 1)]
        if all(_alike(each, rows[0]) for each in rows):
            continue  # it does not read this column
        for value, its_rows in zip(values, rows, strict=True):
            if _alike(its_rows, unknown):
                raise ClauseViolatedError(
                    f"it gives the same rows for unknown as for {name}={value!r}",
                    f"{len(model.prefixes)} prefixes, given 0 in column {column}",
                )


def _rows_given(model: ModelUnderTest, column: int, value: int) -> Floats:
    prefixes = model.prefixes
    given = np.zeros_like(prefixes.given)
    given[:, column] = value
    return model.rows(Prefixes(prefixes.ids, prefixes.lengths, given))


def _alike(rows: Floats, others: Floats) -> bool:
    return bool(np.allclose(rows, others, rtol=TOLERANCE, atol=TOLERANCE))


@clause
def positions_readable(model: ModelUnderTest) -> None:
    """A model that declares `max_positions` can read and score a prefix of that many tokens.

    Why: tokgen lets documents grow to this length; the last tokens would fail or be wrong.

    Mend: make the table of positions as long as `max_positions`, and one longer where the
    vocabulary has no start id, since the terminator is read first.
    """
    most = most_tokens(model.raw)
    if most is None:
        return
    if most > MOST_POSITIONS_TRIED:
        raise ClauseNotCheckedError(f"a prefix of {most} tokens is too long to be tried")
    for length in model.clock.cases([most - 1, most]):
        ids = [*model.vocabulary.beginning, *(np.arange(length) % LETTERS).tolist()]
        prefixes = Prefixes.of([ids], model.vocabulary.nothing_given)
        end = np.array([model.vocabulary.terminator_id])
        document = model.without_beginning(prefixes.append(end))
        try:
            check_normalised(model.rows(prefixes))
            raw = model.raw
            with model.calling("token_logprobs"):
                raw.token_logprobs(copied(document))
        except (PluginError, NotAsPromisedError) as error:
            raise ClauseViolatedError(str(error), f"a prefix of {length} tokens") from None


@follows_from(repeatable)
@clause
def explanation_ends_in_row(model: ModelUnderTest) -> None:
    """The last step of `explain` is the distribution that `next_logprobs` gives.

    Why: the explanation would end in another distribution than the one that documents are drawn
    from.

    Mend: end with `Explanation("softmax", np.exp(row), symbols)` of the row of `next_logprobs`.
    """
    for prefixes in model.clock.cases(model.singles):
        raw = model.raw
        with model.calling("explain"):
            steps = raw.explain(copied(prefixes))
        try:
            check_explanations(steps)
        except NotAsPromisedError as wrong:
            raise ClauseViolatedError(str(wrong), model.described(prefixes)) from None
        if not steps:
            return
        row = np.exp(model.rows(prefixes)[0])
        last = steps[-1]
        if last.values.size != row.size or not _alike(last.values.reshape(-1), row):
            raise ClauseViolatedError(
                f"its last step is {last.name!r}, not the probabilities of the next token",
                model.described(prefixes),
            )


@clause
def embedding_table_form(model: ModelUnderTest) -> None:
    """`embedding_table` gives None, or a finite vector for each token of the vocabulary.

    Why: neighbours and maps of tokens are made of it, one row a token.

    Mend: return an array of floating-point numbers of the shape (V, K).
    """
    raw = model.raw
    with model.calling("embedding_table"):
        table = raw.embedding_table()
    if table is None:
        return
    try:
        check_embedding_table(table, model.vocabulary.size)
    except NotAsPromisedError as wrong:
        raise ClauseViolatedError(str(wrong)) from None


CLAUSES: tuple[Clause, ...] = (
    given_declared,
    unknown_value,
    positions_readable,
    explanation_ends_in_row,
    embedding_table_form,
)
