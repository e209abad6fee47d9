"""Clauses of a model that is kept in a file: it comes back as it was."""

from __future__ import annotations

from tokgen.testing.clause import (
    Clause,
    ClauseNotCheckedError,
    ClauseViolatedError,
    clause,
    follows_from,
)
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable
from tokgen.training.tensor_names import all_arrays


@follows_from(repeatable)
@clause
def learned_complete(model: ModelUnderTest) -> None:
    """`learned` names everything that the model learns: made from these arrays it is the same.

    Why: what is not named is not saved; the model that is loaded would give other probabilities
    than the one that was trained.

    Mend: name each attribute that `fit` sets in `learned`, or compute it in `prepare` from those
    that are named.
    """
    fitted = model.rows(model.prefixes, model.fitted)
    where = "made from the arrays that `learned` names, not as fitted,"
    require_equal(model, model.rows(model.prefixes), fitted, model.prefixes, model.rounding, where)


@clause
def saved_bits(model: ModelUnderTest) -> None:
    """A model that is loaded gives the arrays it was loaded from, bit by bit, integers as integers.

    Why: a checkpoint is read back and compared when it is saved; one that differs is refused, so
    that the model cannot be kept.

    Mend: take arrays as they are in `take_arrays`; convert them in `prepare`, into attributes
    that `learned` does not name.
    """
    reloaded = model.reloaded
    if reloaded.failure is not None:
        raise ClauseViolatedError(f"it cannot be loaded in a new process: {reloaded.failure}")
    for name, before in all_arrays(model.fitted).items():
        after = reloaded.arrays.get(name)
        if after is None or after.shape != before.shape:
            raise ClauseViolatedError(f"the array {name!r} comes back in another shape, or not")
        if after.dtype != before.dtype:
            raise ClauseViolatedError(f"the array {name!r} was {before.dtype}, is {after.dtype}")
        if after.tobytes() != before.tobytes():
            raise ClauseViolatedError(f"the array {name!r} comes back with other numbers")


@follows_from(repeatable, learned_complete)
@clause
def same_in_new_process(model: ModelUnderTest) -> None:
    """Saved, and loaded in a new process, the model gives what it gave before.

    Why: every command is a new process.

    Mend: keep nothing that is learnt in the class or the module; do not depend on `hash`, on the
    order of a set, or on a file that only the training knows.
    """
    reloaded = model.reloaded
    if reloaded.failure is not None:
        raise ClauseNotCheckedError("the model cannot be loaded in a new process")
    expected = model.rows(model.prefixes)
    where = "loaded in a new process"
    require_equal(model, reloaded.rows, expected, model.prefixes, model.rounding, where)


CLAUSES_IN_NEW_PROCESS: tuple[Clause, ...] = (saved_bits, same_in_new_process)
