"""Ways from states to others, and the values that come back along them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, distinct
from tokgen.exact.transitions import Successors

# Of all ways, the share above which it is not worth looking for those that matter.
FEW = 8
# Where a state has more ways than these on average, most states lead to whatever changes.
MANY_WAYS = 256
# What comes along them is put together so that it takes little memory beside the ways.
WAYS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Semiring:
    """How the values along a path, and those of several paths, become one (Goodman 1999).

    Attributes:
        of_logprob: a log-probability as a value.
        tolerance: the relative change below which a value stands still.
        leaps: whether values are sums, so that rounds to come can be leapt over.
    """

    of_logprob: np.ufunc
    along: np.ufunc
    among: np.ufunc
    tolerance: float
    leaps: bool = False


PROBABILITY = Semiring(np.exp, np.multiply, np.add, 1e-15, leaps=True)
LOG_PROBABILITY = Semiring(np.positive, np.add, np.logaddexp, 1e-13)
BEST_LOG_PROBABILITY = Semiring(np.positive, np.add, np.maximum, 0.0)


@dataclass(frozen=True, eq=False)
class Edges:
    """Ways from states to others, those of one state side by side.

    Shapes: `sources` (R,) the states that have any; `begin` (R,) where each one's ways begin;
    `targets` (E,) int32, `weights` (E,).
    """

    sources: Ints
    begin: Ints
    targets: Successors
    weights: Floats

    @classmethod
    def of(cls, rows: Ints, targets: Successors, weights: Floats) -> Edges:
        """Ways from `rows` (E,), ascending."""
        begin = np.flatnonzero(np.diff(rows, prepend=-1))
        return cls(rows[begin], begin, targets, weights)

    @classmethod
    def together(cls, parts: Iterable[Edges], ways: int) -> Edges:
        """All `ways` of the parts, whose sources ascend from part to part; it holds them once."""
        targets, weights, end = np.empty(ways, np.int32), np.empty(ways), 0
        sources, begin = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for part in parts:
            sources.append(part.sources)
            begin.append(part.begin + end)
            here = slice(end, end + len(part.targets))
            targets[here], weights[here] = part.targets, part.weights
            end = here.stop
        return cls(np.concatenate(sources), np.concatenate(begin), targets, weights)

    def joined(self, values: Floats, after: Floats, semiring: Semiring) -> Floats:
        """The values (S,), each with what its state's ways bring from `after`."""
        together = values.copy()
        for first, last in self._parts:
            sources, bounds = self.sources[first:last], self._bounds[first : last + 1]
            ways = slice(bounds[0], bounds[-1])
            paths = semiring.along(self.weights[ways], after[self._read[ways]])
            brought = semiring.among.reduceat(paths, bounds[:-1] - bounds[0])
            together[sources] = semiring.among(values[sources], brought)
        return together

    def joined_again(
        self, places: Ints, values: Floats, after: Floats, semiring: Semiring
    ) -> Floats:
        """The same, if for all sources but those at `places` (P,) it is what `after` has."""
        if FEW * len(places) > len(self.sources):
            return self.joined(values, after, semiring)
        together = after.copy()
        if len(places):
            ways, begin = _ranges(self._bounds, places)
            paths = semiring.along(self.weights[ways], after[self._read[ways]])
            sources = self.sources[places]
            brought = semiring.among.reduceat(paths, begin)
            together[sources] = semiring.among(values[sources], brought)
        return together

    def leading_to(self, states: Ints) -> Ints:
        """The places (P,) of the sources that have a way to one of these states (B,)."""
        has_many = len(self.targets) > MANY_WAYS * len(self.sources)
        if has_many or FEW * len(states) > len(self.sources):
            return np.arange(len(self.sources))
        bounds, places = self._backwards
        return distinct(places[_ranges(bounds, states)[0]].astype(np.int64))

    @cached_property
    def _read(self) -> NDArray[Any]:
        """The targets (E,), as integers that numpy reads fast where there are few."""
        return self.targets.astype(np.int64) if len(self.targets) <= WAYS_AT_ONCE else self.targets

    @cached_property
    def _bounds(self) -> Ints:
        """Where the ways of each source begin, and where the last one's end (R + 1,)."""
        return np.append(self.begin, len(self.targets))

    @cached_property
    def _backwards(self) -> tuple[Ints, NDArray[np.int32]]:
        """For each state as target (bounds, S + 1) the places of the sources of its ways (E,)."""
        last = int(max(self.targets.max(initial=-1), self.sources.max(initial=-1)))
        bounds = np.concatenate([[0], np.bincount(self.targets, minlength=last + 1).cumsum()])
        order = np.argsort(self.targets, kind="stable")
        places = np.arange(len(self.sources), dtype=np.int32)
        return bounds, np.repeat(places, np.diff(self._bounds))[order]

    @cached_property
    def _parts(self) -> list[tuple[int, int]]:
        """The places of the sources, those from each first to before each last, some ways each."""
        every = np.arange(0, len(self.targets), WAYS_AT_ONCE)
        firsts = np.append(np.searchsorted(self._bounds, every), len(self.sources))
        return list(itertools.pairwise(distinct(firsts).tolist()))


def _ranges(bounds: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """All numbers from `bounds[row]` up to `bounds[row + 1]`, and where each row's begin (B,)."""
    counts = bounds[rows + 1] - bounds[rows]
    begin = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(bounds[rows] - begin, counts), begin
