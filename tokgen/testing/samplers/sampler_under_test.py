"""SamplerUnderTest: a sampler with the options and rows on which it is tried."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NoReturn, get_args

import numpy as np

from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.options import PluginOptions
from tokgen.plugin_api.sampler import Needs
from tokgen.testing.clause import ClauseNotCheckedError, ClauseViolatedError
from tokgen.testing.computed_once import computed_once
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.plugin_under_test import PluginUnderTest
from tokgen.testing.samplers.batches import Batch, batches
from tokgen.testing.samplers.option_values import variants
from tokgen.testing.samplers.results import (
    CLAUSE_OF,
    Fault,
    FaultyResultError,
    Result,
    Step,
    result_of,
)

# How often equal calls are repeated before a difference is blamed on anything but chance.
REPEATS = 8
NOTHING_USABLE = "no call of apply gave a result that could be looked at"
OTHERS_UNUSABLE = "for the others apply gave no result that could be looked at"


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of one batch under one set of options."""

    options: PluginOptions
    batch: Batch
    result: Result


class SamplerUnderTest(PluginUnderTest):
    """A sampler with the options and rows on which it is tried.

    A result that cannot be used is the affair of the clause that asks `check_step`; the other
    clauses look at the results that are left.
    """

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        super().__init__("samplers", name, options)
        self._made: dict[tuple[int, Batch], Result | Fault | None] = {}

    @property
    def needs(self) -> Needs:
        """What it declares; "distribution" where that is nothing known."""
        declared = self.implementation.needs
        return declared if declared in get_args(Needs) else "distribution"

    @computed_once
    def variants(self) -> tuple[PluginOptions, ...]:
        """The options that it is checked with, then with one of them at another value."""
        return variants(self.options)

    def tried(self) -> Iterator[Tried]:
        """Every batch under every set of options that has a usable result, smallest batch first.

        Raises:
            ClauseNotCheckedError: there is none.
        """
        usable, faulty = 0, 0
        for options, batch, made in self._all():
            if isinstance(made, Result):
                usable += 1
                yield Tried(options, batch, made)
            faulty += isinstance(made, Fault)
        self._note_looked_at(usable, faulty)

    def check_step(self, step: Step, mend: Callable[[Fault, Batch], str] | None = None) -> None:
        """What went wrong there is a violation; `mend` says how, where the clause alone does not.

        Raises:
            ClauseViolatedError: a result cannot be used, for this reason.
            ClauseNotCheckedError: every result cannot be used, for other reasons.
        """
        usable, faulty = 0, 0
        for options, batch, made in self._all():
            if isinstance(made, Fault) and made.step == step:
                shown = self.shown(options, batch, made.row)
                mended = mend(made, batch) if mend else ""
                raise ClauseViolatedError(made.said, shown, mended) from made.cause
            usable += isinstance(made, Result)
            faulty += isinstance(made, Fault)
        self._note_looked_at(usable, faulty)

    def _note_looked_at(self, usable: int, faulty: int) -> None:
        if not usable:
            raise ClauseNotCheckedError(NOTHING_USABLE)
        if faulty:
            self.looked_at = f"on {usable} of {usable + faulty} inputs: {OTHERS_UNUSABLE}"

    def violated_by(self, fault: Fault, shown: str) -> NoReturn:
        """A fault in a call beside those that are tried; no second clause is blamed for it.

        Raises:
            ClauseNotCheckedError: a call that is tried has the same fault, and its clause says so.
            ClauseViolatedError: none has.
        """
        for _, _, made in self._all():
            if isinstance(made, Fault) and made.step == fault.step:
                raise ClauseNotCheckedError(f"follows from {CLAUSE_OF[fault.step]}")
        raise ClauseViolatedError(fault.said, shown) from fault.cause

    def expect_same(self, tried: Tried, other: Batch, rows: Sequence[int], where: str) -> None:
        """The rows of `other` must get what these rows of the batch got.

        Raises:
            ClauseViolatedError: one does not, or `apply` fails; `where` says what is different.
            ClauseNotCheckedError: equal calls differ already.
        """
        made = self.call(tried.options, other)
        said = self.otherwise(tried, made, rows)
        if said is None:
            return
        if self.is_chance(tried):
            raise ClauseNotCheckedError("equal calls give different results already")
        shown = self.shown(tried.options, tried.batch)
        if isinstance(made, Fault):
            self.violated_by(replace(made, said=f"{said} {where}"), shown)
        raise ClauseViolatedError(f"{said} {where}", shown)

    def otherwise(
        self, tried: Tried, made: Result | Fault | None, rows: Sequence[int] | None = None
    ) -> str | None:
        """How another call differs from one tried, or from these rows of it; None where not."""
        if isinstance(made, Fault):
            return made.said
        difference = made and tried.result.difference(made, rows)
        return f"row {difference.row} becomes {difference.said}" if difference else None

    def is_chance(self, tried: Tried) -> bool:
        """Whether equal calls of new samplers differ."""
        again = (self.call(tried.options, tried.batch) for _ in range(REPEATS))
        return any(self.otherwise(tried, made) is not None for made in again)

    def call(self, options: PluginOptions, batch: Batch) -> Result | Fault | None:
        """What a new sampler with these options makes of a batch.

        None where it refuses to work with them in a sentence for the user.
        """
        try:
            return self.call_made(self.made(options), batch)
        except PluginError as error:
            return Fault("call", str(error), cause=error)

    def made(self, options: PluginOptions) -> Any:
        """A new sampler, as its author wrote it."""
        with self.calling("its constructor"):
            return self.implementation(options)

    def call_made(self, sampler: Any, batch: Batch) -> Result | Fault | None:
        """As `call`, with a sampler that is there already."""
        rows = batch.rows.copy()
        try:
            with _quietly(), seeded_generators() as used, self.calling("apply"):
                made = sampler.apply(rows, batch.context(self.needs))
            weights, branches = result_of(made, batch.rows.shape)
        except RequestError:
            return None
        except FaultyResultError as faulty:
            return faulty.fault
        except PluginError as error:
            return Fault(_step_of(error.__cause__), str(error), cause=error)
        return Result(weights, branches, rows, tuple(used))

    def declared(self, tried: Tried, name: str) -> Any:
        """What the sampler says of itself by this property, under the options that are tried.

        Raises:
            ClauseViolatedError: it is not what the contract promises.
        """
        try:
            return getattr(self.guarded(tried.options), name)
        except PluginError as error:
            shown = self.shown(tried.options, tried.batch)
            raise ClauseViolatedError(str(error), shown) from None

    def shown(self, options: PluginOptions, batch: Batch, row: int | None = None) -> str:
        """Options, rows and their past, as an author would write them."""
        values = [f"{name}={value}" for name, value in options.model_dump().items()]
        return ", ".join([*values, batch.shown(self.needs, row)])

    def _all(self) -> Iterator[tuple[PluginOptions, Batch, Result | Fault | None]]:
        inputs = [
            (number, batch) for batch in batches(self.needs) for number in range(len(self.variants))
        ]
        for number, batch in self.clock.cases(inputs):
            if (number, batch) not in self._made:
                self._made[number, batch] = self.call(self.variants[number], batch)
            yield self.variants[number], batch, self._made[number, batch]


@contextmanager
def _quietly() -> Iterator[None]:
    """What is warned of is the affair of one clause."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _step_of(error: BaseException | None) -> Step:
    """Whose affair it is that `apply` raised this."""
    told = str(error)
    if isinstance(error, AttributeError) and told.startswith("context."):
        return "undeclared"
    if isinstance(error, ValueError) and "read-only" in told:
        return "harm"
    return "call"
