"""Reading UTF-8 byte by byte: which character, if any, each byte completes.

Which sequences are well-formed says the Unicode Standard, version 16.0, table 3-7. U+FFFD counts as
ill-formed: it is how ill-formed bytes are shown, so a text that holds it cannot be told from one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokgen.unicode import REPLACEMENT

Ranges = tuple[tuple[int, int], ...]

TAIL = (0x80, 0xBF)
WELL_FORMED: tuple[Ranges, ...] = (
    ((0x00, 0x7F),),
    ((0xC2, 0xDF), TAIL),
    ((0xE0, 0xE0), (0xA0, 0xBF), TAIL),
    ((0xE1, 0xEC), TAIL, TAIL),
    ((0xED, 0xED), (0x80, 0x9F), TAIL),
    ((0xEE, 0xEF), TAIL, TAIL),
    ((0xF0, 0xF0), (0x90, 0xBF), TAIL, TAIL),
    ((0xF1, 0xF3), TAIL, TAIL, TAIL),
    ((0xF4, 0xF4), (0x80, 0x8F), TAIL, TAIL),
)
BOUNDARY = 0
ILL_FORMED = -1
NO_CHARACTER = -1


class Utf8Decoder:
    """Tells these characters apart; any other one is of the class `len(characters)`.

    State 0 (BOUNDARY) stands between characters, each other one inside of one or several.
    Shapes: `after` (D, 256) int32, the state after each byte, -1 where it is ill-formed;
    `completed` (D, 256) int32, the class of the character that the byte completes, -1 where none.
    """

    def __init__(self, characters: str) -> None:
        # Surrogates have no UTF-8: they are never completed.
        spelt = [character.encode("utf-8", "ignore") for character in [*characters, REPLACEMENT]]
        prefixes = sorted({each[:n] for each in spelt for n in range(1, len(each))})
        remaining = sorted({ranges[n:] for ranges in WELL_FORMED for n in range(1, len(ranges))})
        states: list[bytes | Ranges] = [b"", *prefixes, *remaining]
        self._numbers = {state: number for number, state in enumerate(states)}
        self._other = len(characters)
        self.after: NDArray[np.int32] = np.full((len(states), 256), ILL_FORMED, np.int32)
        self.completed: NDArray[np.int32] = np.full((len(states), 256), NO_CHARACTER, np.int32)
        for prefix in [b"", *prefixes]:
            for expected in _expected(prefix):
                self._allow(self._numbers[prefix], expected)
        for expected in remaining:
            self._allow(self._numbers[expected], expected)
        for prefix in prefixes:
            self.after[self._last_step(prefix)] = self._numbers[prefix]
        for number, content in enumerate(spelt[:-1]):
            if content:
                self.completed[self._last_step(content)] = number
        self.after[self._last_step(spelt[-1])] = ILL_FORMED

    def _allow(self, state: int, expected: Ranges) -> None:
        """Let a state go on with what the ranges allow, some other character at their end."""
        (low, high), rest = expected[0], expected[1:]
        self.after[state, low : high + 1] = self._numbers[rest] if rest else BOUNDARY
        if not rest:
            self.completed[state, low : high + 1] = self._other

    def _last_step(self, content: bytes) -> tuple[int, int]:
        """The state before the last of these bytes, and that byte."""
        return self._numbers[content[:-1]], content[-1]

    def read(self, state: int, content: bytes) -> tuple[int, list[int]]:
        """The state after these bytes, -1 where they are ill-formed, and the classes completed."""
        classes = []
        for byte in content:
            if self.completed[state, byte] != NO_CHARACTER:
                classes.append(int(self.completed[state, byte]))
            state = int(self.after[state, byte])
            if state == ILL_FORMED:
                break
        return state, classes


def _expected(prefix: bytes) -> list[Ranges]:
    """What may follow these first bytes of a character."""
    return [
        ranges[len(prefix) :]
        for ranges in WELL_FORMED
        if len(ranges) > len(prefix)
        and all(low <= byte <= high for byte, (low, high) in zip(prefix, ranges, strict=False))
    ]
