"""Limits of the trainings that the page may begin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingLimits:
    """How much a training may ask for, and how long it is kept.

    Attributes:
        words: documents that are pasted.
        bytes: of the pasted text, in UTF-8.
        characters: of one pasted document.
        steps: of a training.
        seconds: that a training runs; then it is stopped, and its best weights are kept.
        parameters: numbers that a model learns.
        option: the largest whole number of any other option.
        unwatched: seconds after which a training is stopped that nobody watches. Browsers let a
            page that is hidden ask only once a minute.
        held: seconds for which a training is held after its end.
        stopping: seconds that a model has to come to its next step; then its process is ended.
        memory: bytes that the process of a training may take, where the system can limit it.
        kept: models that are kept under names.
    """

    words: int = 20_000
    bytes: int = 100_000
    characters: int = 256
    steps: int = 5_000
    seconds: float = 600
    parameters: int = 2_000_000
    option: int = 10_000
    unwatched: float = 150
    held: float = 900
    stopping: float = 30
    memory: int = 2 << 30
    kept: int = 100
