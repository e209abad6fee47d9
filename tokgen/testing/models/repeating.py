"""Clauses of asking a model once more: it answers as before, and draws nothing from anybody.

Most other clauses hold the rows of one call against those of another, so that a model that violates
`repeatable` violates these too: they follow from it.
"""

from __future__ import annotations

from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.model_under_test import ModelUnderTest


@clause
def repeatable(model: ModelUnderTest) -> None:
    """The same prefixes have the same rows at each call, whatever the global random state is.

    Why: scores would change from run to run, and a seed would not fix what is generated.

    Mend: draw nothing in `next_logprobs`, and keep nothing from call to call. In torch, write
    dropout as a layer, `nn.Dropout(p)`, or as `F.dropout(x, p, self.training)`: without
    `self.training` it never stops. An override of `prepare` calls `super().prepare()`, which puts
    the module into evaluation.
    """
    tolerance = model.exact_or(model.rounding)
    for prefixes in model.clock.cases([*model.singles[::3], model.prefixes]):
        with seeded_generators(1):
            first = model.rows(prefixes)
        with seeded_generators(2):
            second = model.rows(prefixes)
        where = "at a second call, with other global random state,"
        require_equal(model, second, first, prefixes, tolerance, where)


@follows_from(repeatable)
@clause
def random_state_alone(model: ModelUnderTest) -> None:
    """Evaluation leaves the global random states of `random`, numpy and torch as they are.

    Why: they belong to the user's program, which would draw other numbers wherever a model was
    asked in between.

    Mend: make a generator of your own, `np.random.default_rng(seed)`, or draw nothing.
    """
    for prefixes in model.clock.cases([model.singles[0], model.prefixes]):
        with seeded_generators() as used:
            model.rows(prefixes)
        if used:
            raise ClauseViolatedError(
                f"next_logprobs changed the random state of {' and '.join(used)}",
                model.described(prefixes),
            )


CLAUSES: tuple[Clause, ...] = (repeatable, random_state_alone)
