"""The automaton of each kind of condition on a text but patterns: its length, what it avoids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.text_automaton import POINTS, TextAutomaton
from tokgen.exact.transitions import NOWHERE


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


def without_any(characters: str) -> TextAutomaton:
    """Allows texts that hold none of these characters."""
    return from_rows([{**dict.fromkeys(sorted(set(characters)), NOWHERE), None: 0}], [True])


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
