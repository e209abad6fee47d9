"""What a model has learnt, held against the names and shapes that it says it learns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tokgen.arrays import Arrays

Shape = tuple[int, ...]


def check_arrays(learned: Mapping[str, Shape | None], arrays: Arrays) -> None:
    """Hold arrays against what a model says that it learns.

    Raises:
        ValueError: a name lacks or is too many, a shape differs, or a number is not finite.
    """
    for name in sorted(set(learned) ^ set(arrays)):
        told = "is missing" if name in learned else "is none of those that the options ask for"
        raise ValueError(f"tensor {name!r} {told}")
    for name, shape in learned.items():
        if shape is not None and arrays[name].shape != shape:
            raise ValueError(f"tensor {name!r} has the shape {arrays[name].shape}, not {shape}")
        if arrays[name].dtype.kind == "f" and not np.isfinite(arrays[name]).all():
            raise ValueError(f"tensor {name!r} holds a number that is not finite")
