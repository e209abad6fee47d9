"""Clauses of one prefix among others, and of one thread beside another."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np

from tokgen.arrays import Floats, Ints
from tokgen.errors import PluginError
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import Clause, ClauseViolatedError, clause, follows_from
from tokgen.testing.global_settings import known_settings
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable
from tokgen.testing.waiting import in_a_daemon

ROUNDS = 4


@follows_from(repeatable)
@clause
def batch_independence(model: ModelUnderTest) -> None:
    """The row of a prefix is the same whether the prefix stands alone, among others, in another
    order or repeated; where the model declares `batch_invariant`, it is the same to the last bit.

    Why: a document's probabilities, and with a seed the document itself, would depend on how many
    others are generated or scored beside it.

    Mend: compute nothing over the rows of a batch (`mean(axis=0)`, a maximum of all); where only
    the last bits differ, take `batch_invariant = True` away.
    """
    alone = np.concatenate([model.rows(each) for each in model.singles])
    tolerance = model.exact_or(model.rounding)
    for order in model.clock.cases(_orders(len(alone))):
        batch = model.prefixes.select(order)
        where = f"in a batch of {len(order)}, other than alone,"
        require_equal(model, model.rows(batch), alone[order], batch, tolerance, where)


def _orders(count: int) -> list[Ints]:
    """Which prefixes stand in a batch, small batches first."""
    generator = np.random.default_rng(3)
    some = [generator.integers(count, size=size) for size in (2, 3, 5, 8, 13)]
    everything = np.arange(count)
    return [*some, everything, everything[::-1], generator.integers(count, size=300)]


@clause
def settings_alone(model: ModelUnderTest) -> None:
    """Making and asking the model leaves torch's settings as they are.

    Why: they belong to the whole process: other models, and the user's program, would compute in
    another precision, or could not be trained any more.

    Mend: name the dtype where a tensor is made (`dtype=torch.float64`), or set the class'
    `dtype = np.float64`; switch gradients off in a block, `with torch.no_grad():`.
    """
    raw = model.raw
    with known_settings() as changed:
        with model.calling("its constructor"):
            model.implementation(model.options, model.vocabulary, model.parts)
        model.rows(model.singles[0], raw)
    if changed:
        raise ClauseViolatedError(f"it called {' and '.join(changed)}")


@follows_from(repeatable)
@clause
def thread_safe(model: ModelUnderTest) -> None:
    """Two threads that ask the model at once get the rows that one thread alone gets.

    Why: a server or a program with threads shares one model; rows of one request would appear in
    another.

    Mend: keep what a call computes in local variables instead of in attributes of the model.
    """
    tolerance = model.exact_or(model.rounding)
    asked = model.singles[::2]
    alone = [model.rows(each) for each in asked]
    for _ in model.clock.cases(range(ROUNDS)):
        for number, row in zip(*_asked_by_two(model, asked), strict=True):
            if isinstance(row, PluginError):
                raise ClauseViolatedError(f"in a thread: {row}", "two threads that ask at once")
            prefixes, where = asked[number], "while another thread asks too"
            require_equal(model, row, alone[number], prefixes, tolerance, where)


def _asked_by_two(
    model: ModelUnderTest, prefixes: list[Prefixes]
) -> tuple[list[int], list[Floats | PluginError]]:
    """The numbers of the prefixes, once forwards and once backwards, and the rows of each."""
    numbers = list(range(len(prefixes)))

    def ask(order: list[int]) -> list[Floats | PluginError]:
        return [_rows_or_error(model, prefixes[number]) for number in order]

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        asked = [in_a_daemon(partial(ask, order)) for order in (numbers, numbers[::-1])]
        rows = [row for _, answer in asked for row in answer.result()]
    finally:
        sys.setswitchinterval(switching)
    return numbers + numbers[::-1], rows


def _rows_or_error(model: ModelUnderTest, prefixes: Prefixes) -> Floats | PluginError:
    try:
        return model.rows(prefixes)
    except PluginError as error:
        return error


CLAUSES: tuple[Clause, ...] = (
    batch_independence,
    settings_alone,
    thread_safe,
)
