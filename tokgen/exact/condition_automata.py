"""The automaton of each kind of condition on a text but patterns: its length, what it avoids."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tokgen.arrays import Ints
from tokgen.exact.memory import DEFAULT_MEMORY
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.text_automaton import POINTS, TextAutomaton
from tokgen.exact.transitions import NOWHERE

# One level of the tree after the other is looked at, some thousand in a second.
DEEPEST_TREE = 4096
# Of the tree of texts, while it is built: for each letter some numbers of eight bytes.
BYTES_A_LETTER = 128


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


def none_of(texts: Iterable[str], memory: int = DEFAULT_MEMORY) -> TextAutomaton:
    """Allows every text that is none of these: their tree, and a state for all else.

    Raises:
        TooManyStates: the tree takes more than `memory` bytes.
    """
    ordered = sorted(set(texts))
    letters = sum(map(len, ordered))
    if letters * BYTES_A_LETTER > memory:
        mebibytes = math.ceil(letters * BYTES_A_LETTER / (1 << 20))
        raise TooManyStates(
            f"The corpus has {letters:,} letters, and a tree of them takes up to "
            f"{mebibytes:,} MiB.",
            field="memory",
        )
    tree = _tree_of(*_code_points(ordered))
    elsewhere = len(tree.keys) + 1
    accepts = np.ones(elsewhere + 1, bool)
    accepts[tree.ends] = False
    return TextAutomaton(
        tree.keys,
        np.arange(1, elsewhere, dtype=np.int32),
        np.full(elsewhere + 1, elsewhere, np.int32),
        accepts,
    )


def may_be_told_apart(texts: Collection[str], memory: int) -> bool:
    """Whether the tree of these texts fits into `memory` bytes and is not too deep."""
    letters, longest = sum(map(len, texts)), max(map(len, texts), default=0)
    return letters * BYTES_A_LETTER <= memory and longest <= DEEPEST_TREE


def one_of(texts: Iterable[str], memory: int = DEFAULT_MEMORY) -> TextAutomaton:
    """Allows these texts and no other; raises as `none_of`."""
    others = none_of(texts, memory)
    return replace(others, accepts=~others.accepts)


def _code_points(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """The code points of all texts (N,), and how many each text has (D,)."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, np.uint32).astype(np.int64)
    return points, np.array([len(text) for text in texts], dtype=np.int64)


@dataclass(frozen=True)
class _Tree:
    """The tree of texts; its nodes are numbered from 1 on by depth, then by their order.

    Shapes: `keys` (N,) parent * POINTS + code point of each node, ascending; `ends` (D,) the node
    at which each text ends, 0 for the empty one.
    """

    keys: Ints
    ends: Ints


def _tree_of(points: Ints, lengths: Ints) -> _Tree:
    """Of different texts in their order: each brings the nodes below what it shares with the last.

    At one depth, a text's node is the last one that it or a text before it has brought.
    """
    begins, shared = np.cumsum(lengths) - lengths, _shared_with_the_last(points, lengths)
    brought = lengths - shared
    text = np.repeat(np.arange(len(lengths)), brought)
    depth = 1 + np.arange(len(text)) - np.repeat(np.cumsum(brought) - brought - shared, brought)
    order = np.argsort(depth, kind="stable")
    places = (depth * len(lengths) + text)[order]

    def nodes(depths: Ints, texts: Ints) -> Ints:
        found = np.searchsorted(places, depths * len(lengths) + texts, "right")
        return np.where(depths == 0, 0, found)

    text, depth = text[order], depth[order]
    keys = nodes(depth - 1, text) * POINTS + points[begins[text] + depth - 1]
    return _Tree(keys, nodes(lengths, np.arange(len(lengths))))


def _shared_with_the_last(points: Ints, lengths: Ints) -> Ints:
    """How many letters (D,) each text begins with that the one before it begins with too."""
    begins = np.cumsum(lengths) - lengths
    both = np.zeros_like(lengths)
    both[1:] = np.minimum(lengths[1:], lengths[:-1])
    firsts = np.cumsum(both) - both
    text = np.repeat(np.arange(len(lengths)), both)
    within = np.arange(len(text)) - firsts[text]
    differs = points[begins[text] + within] != points[begins[text - 1] + within]
    different = np.append(np.flatnonzero(differs), len(text))
    following = different[np.searchsorted(different, firsts)]
    return np.minimum(both, following - firsts)
