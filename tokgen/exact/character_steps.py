"""A text automaton over classes of characters, quick for many states and characters at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tokgen.arrays import Ints
from tokgen.exact.text_automaton import OTHER, POINTS, TextAutomaton
from tokgen.exact.transitions import NOWHERE

TABLE_BYTES = 64 << 20


class CharacterSteps:
    """Class c is the c-th character that the automaton tells apart, the last class any other.

    What can only come to be allowed by characters of classes that are not `spelt` is refused.
    """

    def __init__(self, text: TextAutomaton, spelt: Ints) -> None:
        self._classes = np.append(text.points, OTHER)
        told_apart = spelt[spelt < len(text.points)]
        possible = text.within(text.points[told_apart], others=len(told_apart) < len(spelt))
        self._text = possible.trimmed()
        self._table = self._written_out()

    def after(self, states: NDArray[np.int32], classes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The successors (B, N) of states (B, N) for classes (N,); NOWHERE stays so."""
        if self._table is not None:
            # NOWHERE, -1, is the number of the table's last row, which holds nothing else.
            return self._table.take(states * np.int32(len(self._classes)) + classes)
        after = states.copy()
        going_on = states != NOWHERE
        points = np.broadcast_to(self._classes[classes], states.shape)
        after[going_on] = self._text.step(states[going_on].astype(np.int64), points[going_on])
        return after

    def _written_out(self) -> NDArray[np.int32] | None:
        """Every state's successors for every class ((Q + 1) * C,), where they are small enough."""
        text, width = self._text, len(self._classes)
        if (len(text) + 1) * width * np.dtype(np.int32).itemsize > TABLE_BYTES:
            return None
        table = np.repeat(np.append(text.others, np.int32(NOWHERE)), width)
        classes = np.searchsorted(self._classes, text.keys % POINTS)
        table[text.keys // POINTS * width + classes] = text.targets
        return table
