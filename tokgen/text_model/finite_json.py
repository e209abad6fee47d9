"""Results as JSON can hold them."""

from __future__ import annotations

import math
from typing import Any


def finite_json(value: Any) -> Any:
    """JSON has no infinity: a log-probability of -inf is told as null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite_json(inner) for inner in value]
    return value
