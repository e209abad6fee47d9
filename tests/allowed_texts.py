"""Which texts an automaton over characters allows: what its transitions are compared by."""

from __future__ import annotations

import numpy as np

from tokgen.exact.transitions import NOWHERE


def allows_text(automaton, text):
    """Whether a text is allowed, one character after the other."""
    state = np.zeros(1, np.int64)
    for character in text:
        state = automaton.step(state, np.array([ord(character)])).astype(np.int64)
        if state[0] == NOWHERE:
            return False
    return bool(automaton.accepts[state[0]])
