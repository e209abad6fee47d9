"""What a beam search holds: columns side by side, and the way back to the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Floats, Ints, largest
from tokgen.rng import Words

BEGINNING = -1


@dataclass(frozen=True, eq=False)
class Columns:
    """Arrays of one length (N,), a row of which belongs together."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def select(self, rows: Ints | slice | NDArray[np.bool_]) -> Self:
        """The rows at these places."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The rows of several, one after the other."""
        return cls(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls))
        )


@dataclass(frozen=True, eq=False)
class Beam(Columns):
    """The prefixes that are being grown, of all searches together.

    Attributes:
        searches: whose each is.
        sums: the largest perturbed log-probability of a document that begins so.
        logprobs: the prefix's own, nats.
        keys: of its noise.
        nodes: its row of the decoder; equal prefixes share one.
        automaton_states: its state in the automaton.
        steps: its last token in the trail.
    """

    searches: Ints
    sums: Floats
    logprobs: Floats
    keys: Words
    nodes: Ints
    automaton_states: Ints
    steps: Ints


@dataclass(frozen=True, eq=False)
class Expansions(Columns):
    """Tokens that may follow the prefixes `parents` of a beam; the rest is as in `Beam`."""

    parents: Ints
    tokens: Ints
    searches: Ints
    sums: Floats
    logprobs: Floats
    automaton_states: Ints


@dataclass(frozen=True, eq=False)
class FoundDocuments(Columns):
    """Complete documents; `steps` is the last token of each, the terminator aside."""

    searches: Ints
    sums: Floats
    logprobs: Floats
    steps: Ints

    @classmethod
    def none(cls) -> FoundDocuments:
        """No document."""
        ints, floats = np.zeros(0, np.int64), np.zeros(0)
        return cls(ints, floats, floats, ints)


class Trail:
    """Every token that was ever in the beam, and which one stood before it."""

    def __init__(self) -> None:
        self._before: list[Ints] = []
        self._tokens: list[Ints] = []
        self._count = 0

    def add(self, before: Ints, tokens: Ints) -> Ints:
        """Record tokens (N,) after the steps `before` (N,); the new steps."""
        self._before.append(before)
        self._tokens.append(tokens)
        self._count += len(tokens)
        return np.arange(self._count - len(tokens), self._count)

    def paths(self, steps: Ints) -> list[tuple[int, ...]]:
        """The tokens from the beginning to each of these steps (N,)."""
        before = np.concatenate(self._before) if self._before else np.zeros(0, np.int64)
        tokens = np.concatenate(self._tokens) if self._tokens else np.zeros(0, np.int64)
        paths: list[list[int]] = [[] for _ in steps]
        rows = np.flatnonzero(steps != BEGINNING)
        at = steps[rows]
        while len(rows):
            for row, token in zip(rows.tolist(), tokens[at].tolist(), strict=True):
                paths[row].append(token)
            at = before[at]
            on = at != BEGINNING
            rows, at = rows[on], at[on]
        return [tuple(reversed(path)) for path in paths]


def best_of_each(searches: Ints, sums: Floats, count: int) -> NDArray[np.bool_]:
    """Which rows (N,) are among the `count` largest sums of their search; of equals the first."""
    counts = np.bincount(searches)
    kept = np.ones(len(searches), bool)
    if len(counts) == 1 and counts[0] > count:
        kept[:] = False
        kept[largest(sums, count)] = True
    elif (counts > count).any():
        order = np.lexsort((-sums, searches))
        ordered = searches[order]
        rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        kept[order[rank >= count]] = False
    return kept
