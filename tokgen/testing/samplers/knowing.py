"""Clauses of what a sampler knows beside the distribution, and of what it says it needs."""

from __future__ import annotations

from typing import get_args

from tokgen.plugin_api.sampler import Needs
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.samplers.batches import with_another_past, with_other_padding
from tokgen.testing.samplers.results import Result
from tokgen.testing.samplers.sampler_under_test import SamplerUnderTest, Tried

# How far beyond the position from which on it promises to do the same.
BEYOND = (1, 2, 10, 1_000)


@clause
def known_needs(plugin: SamplerUnderTest) -> None:
    """`needs` is "distribution", "position" or "history".

    Why: by it tokgen knows what the context must hold, and whether exact figures can be computed.

    Mend: write `needs = "history"` in the class for a sampler that looks at what was drawn.
    """
    needs = plugin.implementation.needs
    if needs not in get_args(Needs):
        raise ClauseViolatedError(f"needs = {needs!r}")


@clause
def declared_needs(plugin: SamplerUnderTest) -> None:
    """The result depends on nothing of the context that `needs` does not declare.

    Why: exact figures of a model are computed by following distributions alone where a sampler says
    that they suffice; they would be wrong, or the sampler would fail.

    Mend: declare `needs = "position"` for `context.position`, `needs = "history"` for
    `context.ids`, `context.start` and the surprisals.
    """
    plugin.check_step("undeclared")
    if plugin.needs == "history":
        return
    for tried in plugin.tried():
        other = with_another_past(tried.batch, plugin.needs)
        plugin.expect_same(tried, other, [*range(len(other))], "after other tokens were drawn")


@clause
def constant_after(plugin: SamplerUnderTest) -> None:
    """`constant_after` is None or a position from which on the sampler does the same.

    Why: exact figures are computed with as many states as there are positions up to this one; later
    tokens would be drawn from another distribution than the figures say.

    Mend: return the first position at which nothing changes any more, as an `int` from 0 on, and
    use `np.minimum(context.position, self.constant_after)`.
    """
    for tried in plugin.tried():
        position = plugin.declared(tried, "constant_after")
        if plugin.needs != "position" or position is None:
            continue
        there = tried.batch.at_position(position)
        result = plugin.call(tried.options, there)
        if not isinstance(result, Result):
            continue
        for further in BEYOND:
            later = there.at_position(position + further)
            plugin.expect_same(
                Tried(tried.options, there, result),
                later,
                [*range(len(later))],
                f"at position {position + further}, though constant_after is {position}",
            )


@clause
def history_padding(plugin: SamplerUnderTest) -> None:
    """Ids left of the beginning of a row change nothing.

    Why: rows of different lengths are right-aligned in one array, and what fills the rest means
    nothing: a token that nobody drew would change the distribution.

    Mend: read the ids of one row by `context.ids[row]`, or of all by `context.ids.padded(width,
    padding)`; not `context.ids.ids`, of which only the last `context.ids.lengths[row]` count.
    """
    if plugin.needs != "history":
        return
    for tried in plugin.tried():
        other = with_other_padding(tried.batch)
        rows = [*range(len(other))]
        plugin.expect_same(tried, other, rows, "with other ids left of where it begins")


CLAUSES: tuple[Clause, ...] = (known_needs, declared_needs, constant_after, history_padding)
