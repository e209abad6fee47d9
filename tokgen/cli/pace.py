"""How long work will take, from how long its first steps took, and how that is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

# Sooner the first steps, which are slower than the others, would be most of what was measured.
MEASURED_FOR = 1.0
WORTH_SAYING = 3.0


@dataclass(frozen=True)
class Pace:
    """The first step that was told done, and when (seconds): what came before it was no step."""

    step: int
    at: float

    def seconds_a_step(self, step: int, now: float) -> float | None:
        """The mean of the steps since; None while they are too few to tell."""
        if step == self.step or now - self.at < MEASURED_FOR:
            return None
        return (now - self.at) / (step - self.step)


def duration(seconds: float, rounded: Callable[[float], int] = math.ceil) -> str:
    """A length of time as exact as an estimate can be: `45 s`, `1 min 30 s`, `1 h 40 min`."""
    if seconds <= 20:
        return f"{rounded(seconds)} s"
    if seconds <= 90:
        return f"{5 * rounded(seconds / 5)} s"
    if seconds <= 180:
        whole, half = divmod(rounded(seconds / 30), 2)
        return f"{whole} min 30 s" if half else f"{whole} min"
    minutes = rounded(seconds / 60)
    if minutes <= 90:
        return f"{minutes} min"
    hours, rest = divmod(10 * rounded(minutes / 10), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def estimated(least: float | None, most: float) -> str:
    """How many seconds it may take, where the least is known for a training that may end sooner."""
    if least is None or least == most:
        return f"about {duration(most)}"
    at_least = f"at least {duration(least, math.floor)}, " if least >= 1 else ""
    return f"{at_least}at most {duration(most)}"
