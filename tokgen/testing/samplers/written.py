"""Arrays as they are written in a message."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def numbers(array: NDArray[Any]) -> str:
    """`[[-0.6931, -inf]]`: four digits, enough to type it again."""
    if array.ndim:
        return f"[{', '.join(numbers(part) for part in array)}]"
    return f"{array[()]:.4g}"
