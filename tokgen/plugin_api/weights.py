"""Weights of a network, held against what a training in float32 can have learnt."""

from __future__ import annotations

import numpy as np

from tokgen.arrays import Arrays

LARGEST = float(np.finfo(np.float32).max)


def check_weights(weights: Arrays) -> None:
    """Refuse what is no weight: the network would compute infinite or meaningless numbers with it.

    Raises:
        ValueError: a tensor holds no floating-point numbers, or one that float32 cannot hold.
    """
    for name, array in weights.items():
        if array.dtype.kind != "f":
            raise ValueError(f"tensor {name!r} holds {array.dtype}, not floating-point numbers")
        largest = float(np.abs(array).max(initial=0))
        if largest > LARGEST:
            raise ValueError(f"tensor {name!r} holds {largest:.3g}, more than float32 can hold")
