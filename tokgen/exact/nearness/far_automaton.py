"""The automaton of texts that are far from every row: the rows' tree, walked with up to N edits.

A state is a set of places in the tree, each with the fewest edits that lead there (the subset
construction, Rabin & Scott 1959, of the automaton of Schulz & Mihov 2002 for a tree of texts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tokgen.exact.condition_automata import from_rows
from tokgen.exact.text_automaton import TextAutomaton
from tokgen.stopping import may_stop

MOST_STATES = 20_000
# Of trees of names: 7 to 9 states for each place in the tree at one edit, over 100 at two.
STATES_A_PLACE = 8
# Of more there are no states for a single place.
MOST_EDITS = 5

Places = frozenset[tuple[int, int]]


@dataclass
class _Tree:
    """The rows' beginnings, numbered; for each the longer ones by letter, and whether it is one."""

    children: list[dict[str, int]] = field(default_factory=lambda: [{}])
    is_row: list[bool] = field(default_factory=lambda: [False])

    def add(self, row: str) -> None:
        node = 0
        for letter in row:
            if letter not in self.children[node]:
                self.children[node][letter] = len(self.children)
                self.children.append({})
                self.is_row.append(False)
            node = self.children[node][letter]
        self.is_row[node] = True


@dataclass(frozen=True)
class _Walk:
    """Places in a tree that are reached with at most `distance` edits."""

    tree: _Tree
    distance: int

    def closed(self, reached: dict[int, int]) -> Places:
        """The places, and those that lie a letter of a row further at the price of an edit."""
        waiting = sorted(reached, key=reached.__getitem__)
        for node in waiting:
            edits = reached[node] + 1
            for child in self.tree.children[node].values() if edits <= self.distance else ():
                if edits < reached.get(child, self.distance + 1):
                    reached[child] = edits
                    waiting.append(child)
        return frozenset(reached.items())

    def after(self, places: Places) -> dict[str | None, Places]:
        """The places after each letter that the tree tells apart, and after any other (None)."""
        elsewhere: dict[int, int] = {}
        matched: dict[str, dict[int, int]] = {}
        for node, edits in places:
            for letter, child in self.tree.children[node].items():
                matched.setdefault(letter, {})[child] = edits
            if edits < self.distance:
                for other in (node, *self.tree.children[node].values()):
                    elsewhere[other] = min(edits + 1, elsewhere.get(other, self.distance))
        rows: dict[str | None, Places] = {None: self.closed(dict(elsewhere))}
        for letter, children in sorted(matched.items()):
            reached = dict(elsewhere)
            for child, edits in children.items():
                reached[child] = min(edits, elsewhere.get(child, edits))
            rows[letter] = self.closed(reached)
        return rows

    def is_near(self, places: Places) -> bool:
        """Whether a row ends at one of the places."""
        return any(self.tree.is_row[node] for node, _ in places)


def far_from(rows: Iterable[str], distance: int) -> TextAutomaton | None:
    """Allows texts that no row is within `distance` edits of; None where it has too many states."""
    tree, most_places = _Tree(), MOST_STATES // STATES_A_PLACE ** min(distance, MOST_EDITS)
    for row in rows:
        may_stop()
        tree.add(row)
        if len(tree.children) > most_places:
            return None
    walk = _Walk(tree, distance)
    start = walk.closed({0: 0})
    states, numbers = [start], {start: 0}
    successors: list[dict[str | None, int]] = []
    for places in states:
        may_stop()
        after = walk.after(places)
        for reached in after.values():
            if reached not in numbers:
                numbers[reached] = len(states)
                states.append(reached)
        if len(states) > MOST_STATES:
            return None
        successors.append({letter: numbers[reached] for letter, reached in after.items()})
    return from_rows(successors, [not walk.is_near(places) for places in states])
