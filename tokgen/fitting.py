"""What a model's `fit` is handed beside its data, and what it may report while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a fit has come. Losses are means in nats per token, the terminator counted."""

    step: int
    steps: int
    loss: float | None
    validation_loss: float | None = None
    examples_per_second: float | None = None
    interrupted: bool = False


def ignore(progress: Progress) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class FitRun:
    """The circumstances of a fit: everything that is not data and not the model's options.

    Attributes:
        seed: all randomness follows from it.
        device: `auto`, `cpu`, `cuda` or `mps`; models without a network ignore it.
        report: called with a `Progress` as often as the model likes.
        stop_after: end after this many steps of the schedule (`--refit` repeats a run so far).
    """

    seed: int = 0
    device: str = "auto"
    report: Callable[[Progress], None] = ignore
    stop_after: int | None = None
