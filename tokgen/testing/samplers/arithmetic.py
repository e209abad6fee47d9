"""Clauses of the formula: it warns of nothing, and its neutral options change nothing."""

from __future__ import annotations

import warnings

import numpy as np

from tokgen.arrays import read_only
from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.options import PluginOptions
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.global_randomness import seeded_generators
from tokgen.testing.samplers.batches import Batch, batches
from tokgen.testing.samplers.results import Fault
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest
from tokgen.testing.samplers.written import numbers

# Probabilities may differ by this much where nothing should change.
ROUNDING = 1e-12


@clause
def quiet_arithmetic(plugin: SamplerUnderTest) -> None:
    """`apply` warns of nothing.

    Why: a warning shows where a number leaves the range for which the formula was meant; inside a
    chain tokgen silences those of numpy, so that nobody would see it there.

    Mend: `with np.errstate(divide="ignore"):` where log(0) = -inf is meant, else compute for the
    tokens that remain only, as by `np.log(p, out=np.full_like(p, -np.inf), where=p > 0)`;
    `torch.tensor(logprobs)` copies what `torch.from_numpy` warns of.
    """
    for tried in plugin.tried():
        said = _warning(plugin, tried.options, tried.batch)
        if said is not None:
            raise ClauseViolatedError(
                f'apply warned "{said}"', plugin.shown(tried.options, tried.batch)
            )


def _warning(plugin: SamplerUnderTest, options: PluginOptions, batch: Batch) -> str | None:
    """The first line of the first warning; None where there is none, or where `apply` fails."""
    context = batch.context(plugin.needs)
    with (
        warnings.catch_warnings(record=True) as warned,
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
        seeded_generators(),
    ):
        warnings.simplefilter("always")
        try:
            with plugin.calling("apply"):
                plugin.implementation(options).apply(read_only(batch.rows), context)
        except (PluginError, RequestError):
            return None
    return str(warned[0].message).splitlines()[0] if warned else None


@clause
def neutral_options(plugin: SamplerUnderTest) -> None:
    """`neutral` is None or an instance of `Options` under which nothing changes.

    Why: tokgen refuses a sampler that a user names without an option where its defaults are
    neutral, and whoever compares with and without a sampler gives it these options.

    Mend: write `neutral = Options(…)` behind the class `Options`, and return `logprobs` as they are
    where the formula for these values would only come near; None where there are no such options.
    """
    neutral = plugin.implementation.neutral
    if neutral is None:
        return
    if not isinstance(neutral, plugin.guarded.Options):
        raise ClauseViolatedError(f"neutral = {neutral!r}")
    for batch in plugin.clock.cases(batches(plugin.needs)):
        result = plugin.call(neutral, batch)
        if isinstance(result, Fault):
            raise ClauseViolatedError(result.said, plugin.shown(neutral, batch)) from result.cause
        if result is None:
            continue
        after = result.probabilities
        changed = (np.abs(after - np.exp(batch.rows)) > ROUNDING).any(axis=1)
        for row in np.flatnonzero(changed).tolist():
            told = numbers(after[row]) if batch.rows.shape[1] <= 12 else "others"
            raise ClauseViolatedError(
                f"the probabilities of row {row} become {told}", plugin.shown(neutral, batch, row)
            )


CLAUSES: tuple[Clause, ...] = (quiet_arithmetic, neutral_options)
