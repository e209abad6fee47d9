"""Clauses of samplers of chance: what weights their branches may have, and how many there are."""

from __future__ import annotations

from tokgen.testing.clause import Clause, clause
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest


@clause
def branch_weights(plugin: SamplerUnderTest) -> None:
    """The weights of branches lie between 0 and 1 and sum to one.

    Why: they are the probabilities with which one or the other branch is taken.

    Mend: give the last branch what the others leave, `1 - probability`, or divide the weights by
    their sum.
    """
    plugin.check_step("weights")


@clause
def branch_count(plugin: SamplerUnderTest) -> None:
    """There are at most 16 branches.

    Why: every later sampler of the chain runs on every branch.

    Mend: put together what follows alike, or return one distribution, the mixture:
    `np.log(sum(weight * np.exp(rows) for weight, rows in branches))`.
    """
    plugin.check_step("count")


CLAUSES: tuple[Clause, ...] = (branch_weights, branch_count)
