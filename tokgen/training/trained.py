"""What a training gives: at its end a checkpoint, on the way all that it takes to go on."""

from __future__ import annotations

from dataclasses import dataclass

from tokgen.plugin_api.fit_run import Progress, Snapshot
from tokgen.training.checkpoint import Checkpoint


@dataclass(frozen=True)
class Trained:
    """A checkpoint not yet saved, and how its loss fell.

    Attributes:
        doubt: what the user should know of the result: a default option did not fit, a loss is
            infinite, or the model that was read back has another one than the model that was
            trained.
    """

    checkpoint: Checkpoint
    history: tuple[Progress, ...]
    doubt: str | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return self.checkpoint.metadata.stopped


@dataclass(frozen=True)
class Unfinished:
    """How far a training has come.

    Attributes:
        snapshot: of the fit that was running.
        history: what that fit and those before it have reported.
        metrics: measured after the first fit; empty while it runs.
        seconds: spent so far.
        doubt: as in `Trained`, once the first fit is measured.
    """

    snapshot: Snapshot
    history: tuple[Progress, ...]
    metrics: dict[str, float | None]
    seconds: float
    doubt: str | None = None


def forget(unfinished: Unfinished) -> None:
    """Keep nothing: a training that is killed is lost."""
