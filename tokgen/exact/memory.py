"""The memory budget: how many states of a Markov chain, or prefixes of a search, fit into it."""

from __future__ import annotations

import os
import re

from tokgen.errors import RequestError

DEFAULT_MEMORY = 1 << 30
VARIABLE = "TOKGEN_MEMORY"
# Of a chain that is compiled, joined with a condition and transformed: log-probabilities (8) and
# successors (4), twice while parts are put together, and once more for the joint chain.
BYTES_AN_ENTRY = 40

# Of each token that may follow a prefix: its id (8), its cost (8) and the automaton's state (4).
BYTES_A_CHOICE = 20
# Of a prefix itself: its path and its place in the search, as objects.
BYTES_A_PREFIX = 512

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def parse_memory(text: str) -> int:
    """Bytes from `1GiB`, `512M`, `2g` or a number of bytes; units are powers of 1,024.

    Raises:
        RequestError: it is none of these, or less than one mebibyte.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text, re.IGNORECASE)
    if not found:
        raise RequestError(f"An amount of memory is written 512MiB, 1GiB or 2G, not {text!r}.")
    size = int(float(found[1]) * _UNITS[found[2].lower()])
    if size < 1 << 20:
        raise RequestError(f"{text!r} is too little memory: the least is 1MiB.")
    return size


def default_memory() -> int:
    """The budget in bytes where none is given: `TOKGEN_MEMORY`, or one gibibyte."""
    written = os.environ.get(VARIABLE)
    return parse_memory(written) if written else DEFAULT_MEMORY


def budget(written: str | None) -> int:
    """The bytes that a user wrote, or the default; raises as `parse_memory`."""
    return default_memory() if written is None else parse_memory(written)


def states_that_fit(memory: int, vocabulary_size: int) -> int:
    """How many states, each with a row over the vocabulary, `memory` bytes hold; at least one."""
    return max(1, memory // (BYTES_AN_ENTRY * vocabulary_size))


def prefixes_that_fit(memory: int, vocabulary_size: int) -> int:
    """How many opened prefixes of a best-first search `memory` bytes hold; at least one."""
    return max(1, memory // max(BYTES_A_PREFIX, BYTES_A_CHOICE * vocabulary_size))


def memory_of(states: int, vocabulary_size: int) -> int:
    """How many bytes it takes to hold so many states."""
    return states * BYTES_AN_ENTRY * vocabulary_size
