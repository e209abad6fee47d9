"""Automata over characters: which texts a condition allows, read one code point at a time.

Each is deterministic and sparse: a state tells a few characters apart, and all others lead to one
place. Two are combined by their product, of which only what can be reached is built (Hopcroft,
Motwani & Ullman 2006, chapters 2-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.memory import DEFAULT_MEMORY
from tokgen.exact.state_numbers import StateNumbers, TooManyStates
from tokgen.exact.transitions import NOWHERE
from tokgen.stopping import may_stop

# Above every code point. The last number below it is none, and stands for any other character.
POINTS = 1 << 21
OTHER = POINTS - 1

# Of the memory, the share that the pairs of states of a product may take.
PRODUCT_SHARE = 8
# Of a pair, and of a letter that it tells apart: a number among the others (16, twice), and what
# follows (12, twice).
BYTES_A_PAIR = 64


@dataclass(frozen=True, eq=False)
class TextAutomaton:
    """It begins in state 0. The successor -1 (NOWHERE) is refusal.

    Shapes: `keys` (E,) int64, ascending: state * POINTS + code point, of the characters that the
    states tell apart; `targets` (E,) int32, their successors; `others` (Q,) int32, the successors
    for any other character; `accepts` (Q,).
    """

    keys: Ints
    targets: NDArray[np.int32]
    others: NDArray[np.int32]
    accepts: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many states there are."""
        return len(self.accepts)

    @cached_property
    def points(self) -> Ints:
        """The code points that some state tells apart, ascending."""
        return np.unique(self.keys % POINTS)

    @cached_property
    def _tells_apart(self) -> NDArray[np.bool_]:
        return np.bincount(self.keys // POINTS, minlength=len(self)) > 0

    def step(self, states: Ints, points: Ints) -> NDArray[np.int32]:
        """The successors (N,) of states (N,), none of them NOWHERE, for code points (N,)."""
        successors = self.others[states]
        looking = np.flatnonzero(self._tells_apart[states])
        if len(looking):
            keys = states[looking] * POINTS + points[looking]
            places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            told_apart = self.keys[places] == keys
            successors[looking[told_apart]] = self.targets[places[told_apart]]
        return successors

    def told_apart(self, states: Ints) -> tuple[Ints, Ints]:
        """Rows (N,) of `states` (B,) and code points (N,) that these rows' states tell apart."""
        begins = np.searchsorted(self.keys, states * POINTS)
        counts = np.searchsorted(self.keys, (states + 1) * POINTS) - begins
        rows = np.repeat(np.arange(len(states)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self.keys[begins[rows] + within] % POINTS

    def both(self, other: TextAutomaton, memory: int = DEFAULT_MEMORY) -> TextAutomaton:
        """Texts that both allow.

        Raises:
            TooManyStates: there are more pairs of states than an eighth of `memory` bytes holds.
        """
        room = memory // PRODUCT_SHARE // BYTES_A_PAIR
        numbering = StateNumbers(room)
        opened = np.zeros(1, np.int64)
        numbering.number(opened)
        found, keys, targets, others, count = [opened], [], [], [], 0
        while len(opened):
            may_stop()
            rows, points, pairs = _pairs_after(self, other, opened)
            going_on = pairs != NOWHERE
            numbered = numbering.number(pairs[going_on])
            successors = np.full(len(pairs), NOWHERE, np.int32)
            successors[going_on] = numbered.states
            others.append(successors[: len(opened)])
            targets.append(successors[len(opened) :])
            keys.append((count + rows) * POINTS + points)
            room -= len(pairs)
            if room < 0:
                raise TooManyStates(
                    "All conditions together need too many states: fewer or simpler conditions "
                    "need less.",
                    field="memory",
                )
            count += len(opened)
            opened = pairs[going_on][numbered.fresh]
            found.append(opened)
        states = np.concatenate(found)
        accepts = self.accepts[states // len(other)] & other.accepts[states % len(other)]
        return TextAutomaton(
            np.concatenate(keys), np.concatenate(targets), np.concatenate(others), accepts
        )

    def within(self, points: Ints, *, others: bool) -> TextAutomaton:
        """The same for texts of these characters alone, with `others` of any characters.

        Where a state tells all that there are apart, no other can come.
        """
        kept = np.isin(self.keys % POINTS, points)
        told_apart = np.bincount(self.keys[kept] // POINTS, minlength=len(self))
        more = others | (told_apart < len(points))
        left = np.where(more, self.others, np.int32(NOWHERE))
        return TextAutomaton(self.keys[kept], self.targets[kept], left, self.accepts)

    def trimmed(self) -> TextAutomaton:
        """The same, refusing at once what can never come to be allowed."""
        hopeful = self._hopeful()
        targets, others = (
            np.where(_at(hopeful, successors), successors, np.int32(NOWHERE))
            for successors in (self.targets, self.others)
        )
        return TextAutomaton(self.keys, targets, others, self.accepts)

    def _hopeful(self) -> NDArray[np.bool_]:
        """Of which states (Q,) a text that is allowed can still come: each is looked at once."""
        after = np.concatenate([self.targets, self.others])
        before = np.concatenate([self.keys // POINTS, np.arange(len(self))])
        order = np.argsort(after, kind="stable")
        before, ends = (
            before[order],
            np.searchsorted(after[order], np.arange(-1, len(self)), "right"),
        )
        hopeful, reached = self.accepts.copy(), np.flatnonzero(self.accepts)
        while len(reached):
            may_stop()
            counts = ends[reached + 1] - ends[reached]
            places = np.repeat(ends[reached + 1] - np.cumsum(counts), counts)
            leading = before[places + np.arange(len(places))]
            reached = np.unique(leading[~hopeful[leading]])
            hopeful[reached] = True
        return hopeful


def _pairs_after(
    first: TextAutomaton, second: TextAutomaton, pairs: Ints
) -> tuple[Ints, Ints, Ints]:
    """What follows pairs of states (B,), each the number `left * len(second) + right`.

    Rows (N,) of `pairs` and code points (N,) that the pairs tell apart, ascending; and (B + N,)
    the pairs after any other character, then those after these.
    """
    left, right = pairs // len(second), pairs % len(second)

    def both(lefts: NDArray[np.int32], rights: NDArray[np.int32]) -> Ints:
        refused = (lefts == NOWHERE) | (rights == NOWHERE)
        return np.where(refused, NOWHERE, lefts.astype(np.int64) * len(second) + rights)

    told_apart = [
        rows * POINTS + points
        for rows, points in (first.told_apart(left), second.told_apart(right))
    ]
    rows, points = np.divmod(np.unique(np.concatenate(told_apart)), POINTS)
    elsewhere = both(first.others[left], second.others[right])
    after = both(first.step(left[rows], points), second.step(right[rows], points))
    telling = after != elsewhere[rows]
    return rows[telling], points[telling], np.concatenate([elsewhere, after[telling]])


def _at(holds: NDArray[np.bool_], successors: NDArray[np.int32]) -> NDArray[np.bool_]:
    """What holds of each successor; of refusal nothing."""
    return holds[successors] & (successors != NOWHERE)


def all_of(automata: list[TextAutomaton], memory: int = DEFAULT_MEMORY) -> TextAutomaton:
    """Texts that all of them allow; there must be one at least. Raises as `both`."""
    return reduce(lambda first, second: first.both(second, memory), automata).trimmed()
