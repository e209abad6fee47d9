"""The automaton of a pattern: the subset construction, a set of its places in one integer.

Of a plain text it is the automaton of Knuth, Morris & Pratt (1977): a state for each place, and in
all of them together at most twice as many letters to tell apart as the text has (Simon 1994). Sets
as bits are those of Baeza-Yates & Gonnet (1992): a step is one shift.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tokgen.arrays import Ints
from tokgen.errors import RequestError
from tokgen.exact.condition_automata import CharacterSet, Element
from tokgen.exact.memory import DEFAULT_MEMORY
from tokgen.exact.text_automaton import POINTS, TextAutomaton
from tokgen.exact.transitions import NOWHERE
from tokgen.stopping import may_stop

# Of the memory, the share that the states may take while they are found.
PATTERN_SHARE = 8
# Of a state: its set as an integer, besides its bits, and its number in a dictionary.
BYTES_A_SET = 200
# Of a letter that a state tells apart: its key (8) and its successor (4), twice and with an order.
BYTES_A_LETTER = 40


def of_pattern(elements: Sequence[Element], memory: int = DEFAULT_MEMORY) -> TextAutomaton:
    """Allows what matches: a set is one character out of it, None any number of characters.

    Only what two sets of places tell apart is kept as a letter of its own (Rabin & Scott 1959).

    Raises:
        RequestError: the pattern needs more states than an eighth of `memory` bytes holds.
    """
    places = _Places(elements)
    bytes_a_set = BYTES_A_SET + len(places.elements) // 7
    sets, numbers = [places.start], {places.start: 0}
    keys, targets, others = array("q"), array("i"), array("i")

    def number(reached: int) -> int:
        if not reached:
            return NOWHERE
        if reached not in numbers:
            numbers[reached] = len(sets)
            sets.append(reached)
        return numbers[reached]

    for state, current in enumerate(sets):
        may_stop()
        elsewhere = places.after(current, OTHERS)
        others.append(number(elsewhere))
        for alike in places.told_apart(current):
            reached = places.after(current, alike)
            if reached != elsewhere:
                keys.frombytes((state * POINTS + alike.points).tobytes())
                targets.extend([number(reached)] * len(alike.points))
        if len(sets) * bytes_a_set + len(keys) * BYTES_A_LETTER > memory // PATTERN_SHARE:
            raise RequestError(
                f"The text or pattern of {len(elements):,} characters is too long to be followed "
                f"with all its repetitions: its first {current.bit_length() - 1:,} characters "
                "could be.",
                field="memory",
            )
    order = np.argsort(np.array(keys, np.int64))
    return TextAutomaton(
        np.array(keys, np.int64)[order],
        np.array(targets, np.int32)[order],
        np.array(others, np.int32),
        np.array([bool(each >> places.last) for each in sets]),
    )


@dataclass(frozen=True, eq=False)
class Characters:
    """Characters (N,) that no element tells apart: at which places one lists them, or all but them.

    None stand for those that no element lists.
    """

    points: Ints
    taken: int = 0
    refused: int = 0


OTHERS = Characters(np.zeros(0, np.int64))


def _characters_alike(
    alike: Mapping[CharacterSet, int],
) -> dict[CharacterSet, dict[Characters, None]]:
    """For each set, with the places where it stands, the characters that it lists."""
    taken, refused = dict[str, int](), dict[str, int]()
    for element, places in alike.items():
        listing = refused if element.all_but else taken
        for letter in element.listed:
            listing[letter] = listing.get(letter, 0) | places
    together: dict[tuple[int, int], list[str]] = {}
    for letter in sorted({*taken, *refused}):
        together.setdefault((taken.get(letter, 0), refused.get(letter, 0)), []).append(letter)
    found: dict[CharacterSet, dict[Characters, None]] = {element: {} for element in alike}
    for (taking, refusing), letters in together.items():
        characters = Characters(np.array([*map(ord, letters)], np.int64), taking, refusing)
        for element in alike:
            if letters[0] in element.listed:
                found[element][characters] = None
    return found


class _Places:
    """Sets of places before, between and behind the elements of a pattern, the first one bit 0.

    Attributes:
        elements: of several `*` in a row one is kept.
        start: what is reached before any character.
        last: the place behind the last element.
    """

    def __init__(self, elements: Sequence[Element]) -> None:
        self.elements = [
            element
            for place, element in enumerate(elements)
            if element is not None or place == 0 or elements[place - 1] is not None
        ]
        self.last = len(self.elements)
        self._stars = 0
        # At which places each set stands.
        self._alike: dict[CharacterSet, int] = {}
        for place, element in enumerate(self.elements):
            if element is None:
                self._stars |= 1 << place
            else:
                self._alike[element] = self._alike.get(element, 0) | 1 << place
        self._any_other = self._telling = 0
        for element, at in self._alike.items():
            self._any_other |= at if element.all_but else 0
            self._telling |= at if element.listed else 0
        self._told_apart = _characters_alike(self._alike)
        self.start = self._with_skips(1)

    def told_apart(self, places: int) -> Iterable[Characters]:
        """The characters that these places list."""
        left, found = places & self._telling, dict[Characters, None]()
        while left:
            element = self.elements[(left & -left).bit_length() - 1]
            if element is not None:
                found |= self._told_apart[element]
                left &= ~self._alike[element]
        return found

    def after(self, places: int, characters: Characters) -> int:
        """The places after one of these characters."""
        taking = self._any_other & ~characters.refused | characters.taken
        return self._with_skips((places & taking) << 1 | places & self._stars)

    def _with_skips(self, places: int) -> int:
        """The places, those that `*` leads on to, and none that the last `*` makes needless.

        What is allowed from before a `*` is allowed from it too, since it takes any characters.
        """
        stars = places & self._stars
        needless = max(stars.bit_length() - 1, 0)
        return (places | stars << 1) >> needless << needless
