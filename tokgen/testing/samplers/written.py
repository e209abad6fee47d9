"""Arrays as they are written in a message."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(array: NDArray[Any]) -> str:
    """`[[-0.6931, -inf]]`: four digits, enough to type it again."""
    return np.array2string(
        array, separator=", ", max_line_width=10_000, threshold=100, formatter={"float": _short}
    ).replace("\n", "")


def _short(number: float) -> str:
    return f"{number:.4g}"
