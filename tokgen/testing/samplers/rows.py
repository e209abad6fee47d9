"""Clauses of the batch: what a row becomes does not depend on the rows beside it."""

from __future__ import annotations

from tokgen.testing.clause import Clause, ClauseNotCheckedError, clause
from tokgen.testing.samplers.batches import large_batch
from tokgen.testing.samplers.results import Fault, Result
from tokgen.testing.samplers.sampler_under_test import NOTHING_USABLE, SamplerUnderTest, Tried


@clause
def rows_independent(plugin: SamplerUnderTest) -> None:
    """What a row becomes, and the weights of branches, do not depend on the rows beside it.

    Why: tokgen puts sequences together as it likes; a document would depend on which others are
    drawn at the same time.

    Mend: reduce along the vocabulary only, with `axis=1, keepdims=True`: `logprobs.max()` is the
    maximum of all rows together.
    """
    for tried in plugin.tried():
        count = len(tried.batch)
        if count == 1:
            continue
        for row in range(count):
            plugin.expect_same(tried, tried.batch.select([row]), [row], "when it is alone")
        turned = [*range(count)][::-1]
        plugin.expect_same(tried, tried.batch.select(turned), turned, "in another order of rows")
        twice = [0, *range(count)]
        plugin.expect_same(tried, tried.batch.select(twice), twice, "beside a row like the first")


@clause
def large_batches(plugin: SamplerUnderTest) -> None:
    """The first five rows of a batch of 5,000 become what the same five become alone.

    Why: documents are generated in batches of thousands, and shown one at a time; both must be the
    same distribution.

    Mend: use the same formula for batches of every size, in float64; where a large batch needs much
    memory, go through it in parts: `for rows in np.array_split(logprobs, parts)`.
    """
    large, first = large_batch(plugin.needs), list(range(5))
    looked_at = False
    for options in plugin.clock.cases(plugin.variants):
        alone = plugin.call(options, large.select(first))
        if not isinstance(alone, Result):
            continue
        looked_at = True
        together = plugin.call(options, large)
        if isinstance(together, Fault):
            plugin.violated_by(together, plugin.shown(options, large))
        if together is not None:
            tried = Tried(options, large, together)
            plugin.expect_same(tried, large.select(first), first, "without the other rows")
    if not looked_at:
        raise ClauseNotCheckedError(NOTHING_USABLE)


CLAUSES: tuple[Clause, ...] = (rows_independent, large_batches)
