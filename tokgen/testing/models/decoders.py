"""Clauses of a model's own decoder: it gives what the model gives for the same prefixes.

A model that leaves `decoder` as it is keeps them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tokgen.arrays import Ints
from tokgen.plugin_api.positions import room_after
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.testing.clause import Clause, clause, follows_from
from tokgen.testing.models.comparing import require_equal
from tokgen.testing.models.growth import Growth
from tokgen.testing.models.model_under_test import ModelUnderTest
from tokgen.testing.models.repeating import repeatable

STEPS = 4

Parents = Callable[[int, np.random.Generator], Ints]
# Which old sequences the new ones grow from, the plainest first.
PARENTS: dict[str, Parents] = {
    "each grown by one token": lambda count, generator: np.arange(count),
    "the first dropped": lambda count, generator: np.arange(min(1, count - 1), count),
    "reordered": lambda count, generator: generator.permutation(count),
    "repeated": lambda count, generator: np.repeat(np.arange(count), 2),
    "dropped, repeated and reordered": lambda count, generator: generator.integers(
        count, size=count + 2
    ),
}


@follows_from(repeatable)
@clause
def decoder_recomputes(model: ModelUnderTest) -> None:
    """The decoder's rows are those of `next_logprobs`, whichever sequences its parents select.

    Why: generation and search ask the decoder, while scores and explanations ask the model:
    documents would be drawn from another distribution than the one that is shown.

    Mend: in `advance`, select by `parents` all that is kept for each sequence
    (`self.states[parents]`) before the tokens are read.
    """
    for begun, (said, parents) in model.clock.cases(_decoder_cases(model)):
        generator = np.random.default_rng(11)
        growth = Growth.of(model, begun)
        if growth is None:
            return
        growth.check("before the first `advance`")
        for step in range(_room(model)):
            growth.advance(parents(len(growth.prefixes), generator), generator)
            growth.check(f"after {step + 1} calls of `advance` ({said})")


@follows_from(repeatable, decoder_recomputes)
@clause
def decoder_joins(model: ModelUnderTest) -> None:
    """Sequences that join the decoder stand behind those that are there, and both go on.

    Why: a long generation lets new documents join as old ones end; their distributions would be
    wrong.

    Mend: put what is kept of the new prefixes behind what is kept of the old ones, as
    `np.concatenate([self.states, new])`.
    """
    for begun in model.clock.cases([each for each in _beginnings(model) if len(each) > 1]):
        generator = np.random.default_rng(12)
        growth = Growth.of(model, begun.select(np.arange(1)))
        if growth is None:
            return
        growth.join(begun.select(np.arange(1, len(begun))))
        growth.check("after `join`")
        for _ in range(_room(model)):
            growth.advance(generator.permutation(len(growth.prefixes)), generator)
            growth.check("after `join` and `advance`")


@follows_from(repeatable, decoder_recomputes)
@clause
def decoder_emptied(model: ModelUnderTest) -> None:
    """A decoder whose last sequence is dropped gives no rows, (0, V), and takes new ones by `join`.

    Why: all documents of a batch may end in the same step.

    Mend: let numpy do it (`self.states[parents]` of an empty selection is an empty array); keep
    nothing that needs a first row, as a maximum over the rows does.
    """
    for begun in model.clock.cases(_beginnings(model)):
        growth = Growth.of(model, begun)
        if growth is None:
            return
        growth.advance(np.zeros(0, np.int64), np.random.default_rng(0))
        growth.check("after all sequences were dropped")
        growth.join(begun)
        growth.check("after all sequences were dropped and others joined")


@follows_from(repeatable, decoder_recomputes)
@clause
def decoder_copies(model: ModelUnderTest) -> None:
    """A decoder and its copy do not change each other.

    Why: search tries continuations on copies, and returns to sequences that would have changed.

    Mend: put new arrays in the place of the old ones (`self.states = self.states + …` instead of
    `+=`), or override `copy` where something else than arrays is kept, as a list.
    """
    for begun in model.clock.cases(_beginnings(model)):
        original = Growth.of(model, begun)
        if original is None:
            return
        twin = original.copy()
        _go_on(twin)
        original.check("after a copy went on")
        twin = original.copy()
        _go_on(original)
        twin.check("in a copy, after the original went on")


def _go_on(growth: Growth) -> None:
    begun = growth.prefixes
    growth.advance(np.arange(len(begun)), np.random.default_rng(1))
    growth.join(begun)


@clause
def decoder_rows_kept(model: ModelUnderTest) -> None:
    """The decoder does not write into rows that it has given.

    Why: whoever asked for them may still be reading them: samplers and search keep rows over
    several steps.

    Mend: return a fresh array at each call instead of one that is filled again.
    """
    for begun in model.clock.cases(_beginnings(model)):
        generator = np.random.default_rng(2)
        growth = Growth.of(model, begun)
        if growth is None:
            return
        rows = growth.rows()
        before = rows.copy()
        growth.advance(np.arange(len(begun)), generator)
        growth.rows()
        require_equal(model, rows, before, begun, 0.0, "in rows given before the last `advance`")


def _decoder_cases(model: ModelUnderTest) -> list[tuple[Prefixes, tuple[str, Parents]]]:
    return [(begun, each) for begun in _beginnings(model) for each in PARENTS.items()]


def _beginnings(model: ModelUnderTest) -> list[Prefixes]:
    """Batches that leave room to grow: one empty prefix, one of a token, several of any length."""
    longest, begun = int(model.prefixes.lengths.max()), len(model.vocabulary.beginning)
    room = room_after(model.raw, begun)
    if room is not None:
        longest = min(longest, begun + max(room - STEPS, 0))
    rows = np.flatnonzero(model.prefixes.lengths <= longest)
    if not len(rows):
        rows = np.arange(1)
    return [model.prefixes.select(each) for each in (rows[:1], rows[3:4], rows[::4]) if len(each)]


def _room(model: ModelUnderTest) -> int:
    room = room_after(model.raw, len(model.vocabulary.beginning))
    return STEPS if room is None else min(STEPS, room)


CLAUSES: tuple[Clause, ...] = (
    decoder_recomputes,
    decoder_joins,
    decoder_emptied,
    decoder_copies,
    decoder_rows_kept,
)
