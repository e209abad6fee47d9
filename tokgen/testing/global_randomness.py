"""The random states that belong to everybody: held at a seed while a plugin is called."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

SEED = 20_261


@dataclass(frozen=True)
class Generator:
    """One random generator of the process: how its state is read, set, and set to a seed."""

    name: str
    state: Callable[[], Any]
    restore: Callable[[Any], Any]
    seed: Callable[[int], Any]

    def fingerprint(self) -> str:
        """Equal where the states are."""
        state = self.state()
        return repr(state.tolist() if hasattr(state, "tolist") else _exactly(state))


@contextmanager
def seeded_generators(seed: int = SEED) -> Iterator[list[str]]:
    """Every generator at the same seed, and back where it was afterwards.

    What it yields is filled, when the block ends, with the names of those that were used.
    """
    generators = _generators()
    before = [each.state() for each in generators]
    used: list[str] = []
    try:
        for each in generators:
            each.seed(seed)
        seeded = [each.fingerprint() for each in generators]
        yield used
        used += [
            each.name
            for each, state in zip(generators, seeded, strict=True)
            if each.fingerprint() != state
        ]
    finally:
        for each, state in zip(generators, before, strict=True):
            each.restore(state)


def _generators() -> list[Generator]:
    found = [
        Generator("random", random.getstate, random.setstate, random.seed),
        Generator("np.random", np.random.get_state, np.random.set_state, np.random.seed),
    ]
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        of_torch = torch.random
        found.append(
            Generator("torch", of_torch.get_rng_state, of_torch.set_rng_state, torch.manual_seed)
        )
    return found


def _exactly(state: Any) -> Any:
    """A state without arrays, which `repr` would shorten."""
    if isinstance(state, (tuple, list)):
        return [_exactly(each) for each in state]
    return state.tobytes() if isinstance(state, np.ndarray) else state
