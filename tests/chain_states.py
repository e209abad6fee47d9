"""Where a Markov chain stands after tokens: what its rows are compared by."""

from __future__ import annotations

from tokgen.exact.transitions import NOWHERE


def state_after(chain, tokens):
    """The state after these tokens, or None where they are impossible."""
    state = 0
    for token in tokens:
        state = int(chain.successors[state, token])
        if state == NOWHERE:
            return None
    return state
