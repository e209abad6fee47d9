"""Batches: the distributions on which samplers are tried, with what was drawn before each row."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from tokgen.arrays import Floats, Ints, normalised
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.sampler import History, Needs, SamplingContext
from tokgen.plugin_api.vocabulary import Vocabulary
from tokgen.testing.samplers.written import numbers

LARGE = 5_000
# How many tokens the first row has drawn, in one batch after the other.
DRAWN_BEFORE = {"distribution": (2,), "position": (0, 7), "history": (0, 1, 5)}


@dataclass(frozen=True, eq=False)
class Batch:
    """Normalised rows (B, V) of one kind, and what stands before each.

    Attributes:
        name: what kind of rows they are, in words.
    """

    name: str
    rows: Floats
    history: History

    @property
    def vocabulary(self) -> Vocabulary:
        """Letters and numbered symbols, the terminator last."""
        return _vocabulary(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.rows)

    def context(self, needs: Needs) -> SamplingContext:
        """What a sampler that declares `needs` finds."""
        return SamplingContext(needs, self.vocabulary, self.history)

    def select(self, rows: Sequence[int]) -> Batch:
        """The rows of these numbers, each with its own history."""
        at, before = np.array(rows, dtype=np.int64), self.history
        history = History(
            before.ids.select(at),
            before.start[at],
            before.surprisal_model[at],
            before.surprisal_drawn[at],
        )
        return Batch(self.name, self.rows[at], history)

    def at_position(self, position: int) -> Batch:
        """The same rows after so many drawn tokens; only the position can be asked for."""
        nothing = Prefixes.of([[]] * len(self))
        ids = replace(nothing, lengths=np.full(len(self), position))
        return replace(self, history=replace(self.history, ids=ids, start=0 * ids.lengths))

    def shown(self, needs: Needs, row: int | None = None) -> str:
        """The rows, or one of them, and what a sampler with these `needs` sees of their past."""
        if row is not None:
            return self.select([row]).shown(needs)
        if self.rows.size > 40:
            count, size = self.rows.shape
            return f"{count} rows of {size} tokens ({self.name})"
        context = self.context(needs)
        parts = [f"rows {numbers(self.rows)}"]
        if needs in ("position", "history"):
            parts.append(f"position {numbers(context.position)}")
        if needs == "history":
            parts.append(f"ids {[context.ids[each] for each in range(len(self))]}")
            parts.append(f"surprisal_drawn {numbers(context.surprisal_drawn)}")
        return ", ".join(parts)


@cache
def batches(needs: Needs) -> tuple[Batch, ...]:
    """For samplers that declare `needs`, smallest first."""
    return tuple(
        Batch(name, rows, _history(rows.shape, needs, first))
        for name, rows in _kinds_of_rows()
        for first in DRAWN_BEFORE[needs]
    )


@cache
def large_batch(needs: Needs) -> Batch:
    """Five thousand random rows."""
    rows = _random_rows(LARGE, 12)
    return Batch("random", rows, _history(rows.shape, needs, DRAWN_BEFORE[needs][-1]))


def with_another_past(batch: Batch, needs: Needs) -> Batch:
    """The same rows; of their past only what samplers with these `needs` see is the same."""
    drawn = batch.history.ids.lengths - batch.history.start
    first = int(drawn[0]) + (1 if needs == "distribution" else 0)
    return replace(batch, history=_history(batch.rows.shape, needs, first, seed=1))


def with_other_padding(batch: Batch) -> Batch:
    """The same batch with more and other ids left of where its rows begin."""
    ids = batch.history.ids
    wider = ids.padded(ids.ids.shape[1] + 3, batch.rows.shape[1] - 1)
    return replace(batch, history=replace(batch.history, ids=replace(ids, ids=wider)))


def _kinds_of_rows() -> Iterator[tuple[str, Floats]]:
    yield "a vocabulary of one", _logs([[1]])
    yield "two tokens alike", _logs([[1, 1]])
    yield "one token is removed", _logs([[1, 1, 0]])
    yield "one token is certain", _logs([[0, 0, 1]])
    yield "the first token is certain", _logs([[1, 0, 0]])
    yield "four tokens alike", _logs([[1, 1, 1, 1]])
    yield "all different", _logs([[50, 30, 15, 5]])
    yield "ties behind the first", _logs([[2, 4, 2, 2]])
    yield "nearly uniform", _logs([[1, 1 + 1e-12, 1 - 1e-12, 1]])
    yield "very peaked", normalised(np.array([[-700.0, 0.0, -700.5, -1000.0]]))
    yield "removed and certain tokens", _logs([[0, 3, 0, 1], [1, 0, 0, 0], [1, 1, 1, 1]])
    yield "random", _random_rows(5, 7)
    yield "a large vocabulary", _logs([1 / np.arange(1, 50_001), np.ones(50_000)])


def _random_rows(count: int, size: int) -> Floats:
    """Some peaked and some flat, with tokens that are removed."""
    random = np.random.default_rng(20_261)
    weights = random.gamma(0.5, size=(count, size)) + 1e-9
    weights[random.random((count, size)) < 0.15] = 0
    weights[np.arange(count), random.integers(size, size=count)] += 0.1
    return _logs(weights)


def _logs(weights: Sequence[Sequence[float] | Floats] | Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return normalised(np.log(np.array(weights, dtype=np.float64)))


def _history(shape: tuple[int, ...], needs: Needs, first: int, seed: int = 0) -> History:
    """Rows that began with 0, 1 or 2 ids; with the whole history all have drawn `first` tokens.

    With the position alone each row has drawn one token more than the row above it.
    """
    count, size = shape
    random = np.random.default_rng([seed, count, size, first])
    drawn = np.full(count, first)
    if needs != "history":
        drawn += np.arange(count) % 9
    start: Ints = (np.arange(count) + seed + 1) % 3
    rows = [random.integers(max(size - 1, 1), size=length) for length in start + drawn]
    known = first if needs == "history" else 0
    return History(Prefixes.of(rows), start, *random.gamma(2.0, 0.7, size=(2, count, known)))


@cache
def _vocabulary(size: int) -> Vocabulary:
    letters = string.ascii_lowercase[: size - 1]
    numbered = (f"t{number}" for number in range(len(letters), size - 1))
    return Vocabulary((*letters, *numbered, "-"), size - 1)
