"""How wide a model is explored: as wide as it takes to know how probable a condition is."""

from __future__ import annotations

from collections.abc import Callable

from tokgen.exact.search.bounds import Explored

FIRST_WIDTH = 20_000
# Some ten seconds of a network: a search is not widened to more.
EXPLORED_AT_MOST = 600_000
TYPICAL_LENGTH = 32
WIDENING = 4
PRECISION = 0.01


def first_width(prefixes: int) -> int:
    """How many prefixes of each length are looked at, where so many in all fit into the memory."""
    return max(1, min(FIRST_WIDTH, prefixes // TYPICAL_LENGTH))


def widened(explore: Callable[[int], Explored], prefixes: int) -> Explored:
    """What is explored so widely that the condition's probability is known to a hundredth.

    Or as widely as may be: at most `prefixes` are looked at, and never more than
    `EXPLORED_AT_MOST`.

    Args:
        explore: explores with a width.
    """
    width, most = first_width(prefixes), min(prefixes, EXPLORED_AT_MOST)
    explored = explore(width)
    while len(explored.chain) * WIDENING <= most and not _is_known(explored):
        width *= WIDENING
        before, explored = explored, explore(width)
        if len(explored.chain) == len(before.chain):  # What is left is too improbable.
            break
    return explored


def _is_known(explored: Explored) -> bool:
    least, most = explored.ending
    return most - least <= PRECISION * most
