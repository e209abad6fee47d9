"""Automata over token ids: which documents a condition allows, read one token at a time.

Each is a deterministic table; several are combined by their product, of which only what can be
reached is built (Hopcroft, Motwani & Ullman 2006, chapters 2-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tokgen.errors import RequestError
from tokgen.exact.transitions import NOWHERE, Successors, product

ANY_ONE, ANY_NUMBER = "?", "*"


MOST_SETS = 20_000


Element = frozenset[int] | None


@dataclass(frozen=True, eq=False)
class Automaton:
    """It begins in state 0. Shapes: `successors` (D, V) int32, -1 is refusal; `accepts` (D,)."""

    successors: Successors
    accepts: NDArray[np.bool_]

    def __and__(self, other: Automaton) -> Automaton:
        """Documents that both allow."""
        pairs = product(self.successors, other.successors)
        accepts = self.accepts[pairs.first] & other.accepts[pairs.second]
        return Automaton(pairs.successors, accepts)

    def after(self, tokens: Iterable[int]) -> Automaton:
        """What may follow these tokens; where they are refused, nothing."""
        state = 0
        for token in tokens:
            state = int(self.successors[state, token])
            if state == NOWHERE:
                width = self.successors.shape[1]
                return Automaton(np.full((1, width), NOWHERE, np.int32), np.zeros(1, bool))
        order = np.arange(len(self.accepts))
        order[[0, state]] = order[[state, 0]]
        # Swapping two states is its own inverse, so the numbers in the table are swapped alike.
        renumbered = np.where(self.successors == NOWHERE, NOWHERE, order[self.successors])
        return Automaton(renumbered[order].astype(np.int32), self.accepts[order])

    def trimmed(self) -> Automaton:
        """The same, refusing at once what can never come to be allowed."""
        hopeful = self.accepts
        while True:
            leads_on = hopeful[self.successors] & (self.successors != NOWHERE)
            reached = hopeful | leads_on.any(axis=1)
            if (reached == hopeful).all():
                break
            hopeful = reached
        return Automaton(np.where(leads_on, self.successors, NOWHERE), self.accepts)

    def allows(self, tokens: Iterable[int]) -> bool:
        """Whether a document is allowed."""
        state = 0
        for token in tokens:
            state = int(self.successors[state, token])
            if state == NOWHERE:
                return False
        return bool(self.accepts[state])


def everything(size: int) -> Automaton:
    """Allows every document."""
    return Automaton(np.zeros((1, size), np.int32), np.ones(1, bool))


def all_of(automata: Sequence[Automaton], size: int) -> Automaton:
    """Documents that all of them allow."""
    return reduce(Automaton.__and__, automata, everything(size)).trimmed()


def of_length(shortest: int, longest: int | None, size: int) -> Automaton:
    """Allows documents of `shortest` to `longest` tokens; None is without end."""
    last = shortest if longest is None else longest
    table = np.repeat(np.arange(1, last + 2, dtype=np.int32)[:, None], size, axis=1)
    table[-1] = last if longest is None else NOWHERE
    return Automaton(table, np.arange(last + 1) >= shortest)


def of_pattern(elements: Sequence[Element], size: int) -> Automaton:
    """Allows what matches: a set of ids is one token out of it, None any number of tokens.

    By the subset construction over positions in the pattern (Rabin & Scott 1959).

    Raises:
        RequestError: the pattern needs more states than can be followed.
    """
    start = _with_skips({0}, elements)
    sets, numbers = [start], {start: 0}
    rows: list[list[int]] = []
    for current in sets:
        row = []
        for token in range(size):
            after = _with_skips(_read(current, token, elements), elements)
            if after and after not in numbers:
                numbers[after] = len(sets)
                sets.append(after)
            row.append(numbers[after] if after else NOWHERE)
        rows.append(row)
        if len(sets) > MOST_SETS:
            raise RequestError(
                "The pattern has too many ? after a * to be followed: "
                f"more than {MOST_SETS:,} states."
            )
    accepts = np.array([len(elements) in each for each in sets])
    return Automaton(np.array(rows, dtype=np.int32), accepts)


def _read(positions: frozenset[int], token: int, elements: Sequence[Element]) -> set[int]:
    after = set()
    for position in positions:
        if position == len(elements):
            continue
        element = elements[position]
        if element is None:
            after.add(position)
        elif token in element:
            after.add(position + 1)
    return after


def _with_skips(positions: set[int], elements: Sequence[Element]) -> frozenset[int]:
    reached = set(positions)
    for position in range(len(elements)):
        if position in reached and elements[position] is None:
            reached.add(position + 1)
    return frozenset(reached)


def none_of(documents: Iterable[Sequence[int]], size: int) -> Automaton:
    """Allows every document that is none of these: their tree, and a state for all else."""
    elsewhere = 0
    children: list[dict[int, int]] = [{}]
    ends: list[bool] = [False]
    for document in documents:
        node = 0
        for token in document:
            if token not in children[node]:
                children[node][token] = len(children)
                children.append({})
                ends.append(False)
            node = children[node][token]
        ends[node] = True
    elsewhere = len(children)
    table = np.full((len(children) + 1, size), elsewhere, dtype=np.int32)
    for node, followers in enumerate(children):
        for token, child in followers.items():
            table[node, token] = child
    return Automaton(table, ~np.array([*ends, False]))
