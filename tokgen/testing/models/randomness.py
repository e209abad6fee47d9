"""The random states that a whole process shares."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def random_states() -> dict[str, str]:
    """The states of `random`, numpy and, where it is there, torch."""
    states = {
        "random": repr(random.getstate()),
        "numpy.random": repr([str(each) for each in np.random.get_state()]),  # noqa: NPY002
    }
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        states["torch"] = repr(torch.random.get_rng_state().tolist())
    return states


@contextmanager
def global_randomness(seed: int) -> Iterator[None]:
    """The global random states begun with a seed; afterwards they are as they were."""
    torch: Any = sys.modules.get("torch")
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch_state = None if torch is None else torch.random.get_rng_state()
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        if torch_state is not None:
            torch.random.set_rng_state(torch_state)
