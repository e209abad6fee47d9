"""Ways from states to others, and the values that come back along them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tokgen.arrays import Floats, Ints, distinct

# Of all ways, the share above which it is not worth looking for those that matter.
FEW = 8


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
    `targets`, `weights` (E,).
    """

    sources: Ints
    begin: Ints
    targets: Ints
    weights: Floats

    @classmethod
    def of(cls, rows: Ints, targets: Ints, weights: Floats) -> Edges:
        """Ways from `rows` (E,), ascending."""
        begin = np.flatnonzero(np.diff(rows, prepend=-1))
        return cls(rows[begin], begin, targets, weights)

    def joined(self, values: Floats, after: Floats, semiring: Semiring) -> Floats:
        """The values (S,), each with what its state's ways bring from `after`."""
        together = values.copy()
        if len(self.targets):
            paths = semiring.along(self.weights, after[self.targets])
            brought = semiring.among.reduceat(paths, self.begin)
            together[self.sources] = semiring.among(values[self.sources], brought)
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
            paths = semiring.along(self.weights[ways], after[self.targets[ways]])
            sources = self.sources[places]
            brought = semiring.among.reduceat(paths, begin)
            together[sources] = semiring.among(values[sources], brought)
        return together

    def leading_to(self, states: Ints) -> Ints:
        """The places (P,) of the sources that have a way to one of these states (B,)."""
        if FEW * len(states) > len(self.sources):
            return np.arange(len(self.sources))
        bounds, places = self._backwards
        return distinct(places[_ranges(bounds, states)[0]])

    @cached_property
    def _bounds(self) -> Ints:
        """Where the ways of each source begin, and where the last one's end (R + 1,)."""
        return np.append(self.begin, len(self.targets))

    @cached_property
    def _backwards(self) -> tuple[Ints, Ints]:
        """For each state as target (bounds, S + 1) the places of the sources of its ways (E,)."""
        places = np.repeat(np.arange(len(self.sources)), np.diff(self._bounds))
        order = np.argsort(self.targets, kind="stable")
        last = int(max(self.targets.max(initial=-1), self.sources.max(initial=-1)))
        bounds = np.searchsorted(self.targets[order], np.arange(last + 2))
        return bounds, places[order]


def _ranges(bounds: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """All numbers from `bounds[row]` up to `bounds[row + 1]`, and where each row's begin (B,)."""
    counts = bounds[rows + 1] - bounds[rows]
    begin = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(bounds[rows] - begin, counts), begin
