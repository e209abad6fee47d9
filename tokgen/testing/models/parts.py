"""Clauses of a model that is made of whole models, its parts; any other keeps them."""

from __future__ import annotations

import numpy as np

from tokgen.plugin_api.model import LanguageModel
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.models.comparing import different_rows
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.training.tensor_names import all_arrays


@clause
def parts_unharmed(model: ModelUnderTest) -> None:
    """A fit leaves the parts as they are.

    Why: a part is trained before, as a model of its own, and may be a checkpoint that others use.

    Mend: learn only what joins the parts; take a copy of an array of a part before you change it.
    """
    before = model.parts_before_fit
    _ = model.fitted
    for name, part in model.parts.items():
        after = all_arrays(part)
        changed = [each for each in after if not _equal(after[each], before[name].get(each))]
        if changed or after.keys() != before[name].keys():
            said = f"fit changed {', '.join(map(repr, changed)) or 'the arrays'} of a part"
            raise ClauseViolatedError(said, f"the part {name!r}")


def _equal(array: np.ndarray, other: np.ndarray | None) -> bool:
    return other is not None and array.dtype == other.dtype and array.tobytes() == other.tobytes()


@clause
def parts_kept(model: ModelUnderTest) -> None:
    """`parts` are those that the model was made with, by their names, after a fit and loaded.

    Why: they are saved with it and loaded by these names; others would be lost, or come back as
    what they were before.

    Mend: hand `parts` on to `super().__init__(options, vocabulary, parts)`, and put nothing in
    their place.
    """
    for made, said in ((model.fitted, "after a fit"), (model.raw, "made from arrays")):
        if [*made.parts] != [*model.parts]:
            raise ClauseViolatedError(f"{said} its parts are {[*made.parts]}", _named(model))
        for name, part in model.parts.items():
            if made.parts[name] is not part:
                raise ClauseViolatedError(f"{said} the part {name!r} is another", _named(model))


@clause
def parts_used(model: ModelUnderTest) -> None:
    """The rows depend on the parts: parts that have learnt something else give other rows.

    Why: a user names the parts and waits for their training; parts that the model does not ask fill
    the file for nothing.

    Mend: ask `self.parts[name].next_logprobs(prefixes.last(context_length))` of each part in
    `next_logprobs`, instead of keeping what it said in `fit`.
    """
    if not model.parts:
        return
    expected = model.rows(model.prefixes)
    arrays = {name: array.copy() for name, array in model.fitted.arrays().items()}
    with model.calling("from_arrays"):
        made: LanguageModel = model.implementation.from_arrays(
            model.options, model.vocabulary, arrays, model.other_parts
        )
    rows = model.rows(model.prefixes, made)
    if not different_rows(rows, expected, model.rounding):
        raise ClauseViolatedError("with parts that have learnt something else its rows are equal")


def _named(model: ModelUnderTest) -> str:
    return f"made with the parts {[*model.parts]}"


CLAUSES: tuple[Clause, ...] = (parts_unharmed, parts_kept, parts_used)
