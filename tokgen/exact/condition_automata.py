"""The automaton of each kind of condition on a text: its length, a pattern, texts to be avoided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import RequestError
from tokgen.exact.text_automaton import POINTS, TextAutomaton
from tokgen.exact.transitions import NOWHERE

# Of sets of positions in a pattern, and of positions in all of them: a few seconds' work.
MOST_SETS = 20_000
MOST_POSITIONS = 3_000_000


@dataclass(frozen=True)
class CharacterSet:
    """The characters listed, or all but these."""

    listed: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, character: str | None) -> bool:
        """Whether it is one of them; None is a character that no set lists."""
        return (character in self.listed) != self.all_but


ANY_CHARACTER = CharacterSet(all_but=True)

# None is any number of characters.
Element = CharacterSet | None


def literal(text: str) -> list[Element]:
    """The elements of a pattern that match this text alone."""
    return [CharacterSet(frozenset({character})) for character in text]


def everything() -> TextAutomaton:
    """Allows every text."""
    return of_length(0, None)


def of_length(shortest: int, longest: int | None) -> TextAutomaton:
    """Allows texts of `shortest` to `longest` characters; None is without end."""
    last = shortest if longest is None else longest
    others = np.arange(1, last + 2, dtype=np.int32)
    others[-1] = last if longest is None else NOWHERE
    nothing = np.zeros(0, np.int64)
    accepts = np.arange(last + 1) >= shortest
    return TextAutomaton(nothing, nothing.astype(np.int32), others, accepts)


def of_pattern(elements: Sequence[Element]) -> TextAutomaton:
    """Allows what matches: a set is one character out of it, None any number of characters.

    By the subset construction over positions in the pattern (Rabin & Scott 1959).

    Raises:
        RequestError: the pattern needs more states than can be followed.
    """
    start = _with_skips({0}, elements)
    sets, numbers, positions = [start], {start: 0}, len(start)
    rows: list[dict[str | None, int]] = []
    for current in sets:
        row = {}
        for character in _told_apart(current, elements):
            after = _with_skips(_read(current, character, elements), elements)
            if after and after not in numbers:
                numbers[after] = len(sets)
                sets.append(after)
                positions += len(after)
            row[character] = numbers[after] if after else NOWHERE
        rows.append(row)
        if len(sets) > MOST_SETS or positions > MOST_POSITIONS:
            raise RequestError(
                f"The text or pattern of {len(elements):,} characters is too long to be followed "
                f"with all its repetitions: its first {max(current):,} characters could be."
            )
    accepts = [len(elements) in each for each in sets]
    return from_rows(rows, accepts)


def without_any(characters: str) -> TextAutomaton:
    """Allows texts that hold none of these characters."""
    return from_rows([{**dict.fromkeys(sorted(set(characters)), NOWHERE), None: 0}], [True])


def _told_apart(positions: frozenset[int], elements: Sequence[Element]) -> list[str | None]:
    """None, for any other character, and the characters that these positions list."""
    sets = (elements[position] for position in positions if position < len(elements))
    return [None, *sorted(set().union(*(each.listed for each in sets if each is not None)))]


def _read(
    positions: frozenset[int], character: str | None, elements: Sequence[Element]
) -> set[int]:
    after = set()
    for position in positions:
        if position == len(elements):
            continue
        element = elements[position]
        if element is None:
            after.add(position)
        elif character in element:
            after.add(position + 1)
    return after


def _with_skips(positions: set[int], elements: Sequence[Element]) -> frozenset[int]:
    """The positions, those that `*` leads on to, and none that the last `*` makes needless.

    What is allowed from before a `*` is allowed from it too, since it takes any characters.
    """
    reached = set(positions)
    for position in positions:
        while position < len(elements) and elements[position] is None:
            position += 1
            reached.add(position)
    stars = [each for each in reached if each < len(elements) and elements[each] is None]
    last = max(stars, default=0)
    return frozenset(each for each in reached if each >= last)


def from_rows(rows: Sequence[dict[str | None, int]], accepts: Sequence[bool]) -> TextAutomaton:
    """From the successors of each state: of some characters, ascending, and of any other (None)."""
    entries = [
        (state * POINTS + ord(character), after)
        for state, row in enumerate(rows)
        for character, after in row.items()
        if character is not None
    ]
    table = np.array(entries, dtype=np.int64).reshape(-1, 2)
    others = np.array([row[None] for row in rows], dtype=np.int32)
    return TextAutomaton(table[:, 0], table[:, 1].astype(np.int32), others, np.array(accepts))


def none_of(texts: Iterable[str]) -> TextAutomaton:
    """Allows every text that is none of these: their tree, and a state for all else."""
    points, lengths = _code_points(sorted(set(texts)))
    begins = np.cumsum(lengths) - lengths
    nodes = np.zeros(len(lengths), np.int64)
    keys, count = [], 1
    for depth in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > depth)
        branches = nodes[longer] * POINTS + points[begins[longer] + depth]
        distinct, which = np.unique(branches, return_inverse=True)
        nodes[longer] = count + which.reshape(-1)
        keys.append(distinct)
        count += len(distinct)
    elsewhere = count
    accepts = np.ones(count + 1, bool)
    accepts[nodes] = False
    return TextAutomaton(
        np.concatenate([np.zeros(0, np.int64), *keys]),
        np.arange(1, count, dtype=np.int32),
        np.full(count + 1, elsewhere, np.int32),
        accepts,
    )


def one_of(texts: Iterable[str]) -> TextAutomaton:
    """Allows these texts and no other."""
    others = none_of(texts)
    return replace(others, accepts=~others.accepts)


def _code_points(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """The code points of all texts (N,), and how many each text has (D,)."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, np.uint32).astype(np.int64)
    return points, np.array([len(text) for text in texts], dtype=np.int64)
