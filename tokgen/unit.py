"""The units in which information is told: bits and nats."""

from __future__ import annotations

import math
from enum import StrEnum


class Unit(StrEnum):
    """What surprisal, entropy and losses are counted in; every figure within tokgen is in nats."""

    bits = "bits"
    nats = "nats"

    def of(self, nats: float) -> float:
        """So many nats in this unit."""
        return nats / math.log(2) if self is Unit.bits else nats

    @property
    def log(self) -> str:
        """How the logarithm is written that this unit comes from."""
        return "log₂" if self is Unit.bits else "ln"
