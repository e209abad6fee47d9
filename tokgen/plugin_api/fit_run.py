"""What a model's `fit` is handed beside its data, and what it may report while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from tokgen.arrays import Arrays

if TYPE_CHECKING:
    from tokgen.plugin_api.model import LanguageModel


@dataclass(frozen=True)
class Progress:
    """How far a fit has come. Losses are means in nats per token, the terminator counted.

    A report without losses says only that a step is done, from which tokgen estimates how long the
    fit takes. Step 0 is before the first update.

    Attributes:
        loss: the loss on training documents, the mean over the steps since the last report that had
            one.
        soonest: the first step after which the fit may end early (early stopping); None where it
            takes all `steps` for certain.
        with_dropout: `loss` was measured with dropout.
    """

    step: int
    steps: int
    loss: float | None
    validation_loss: float | None = None
    examples_per_second: float | None = None
    interrupted: bool = False
    soonest: int | None = None
    with_dropout: bool = False

    @property
    def has_losses(self) -> bool:
        """Whether the report has losses."""
        return self.loss is not None or self.validation_loss is not None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A fit between two of its steps: all that is needed to go on as if it had never stopped.

    The model alone decides what stands in `arrays` and `facts` (JSON). There is no random state to
    keep, because all random numbers of a fit should follow from its seed and the step.
    """

    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def ignore(said: object) -> None:
    """Report to nobody, keep nothing."""


@dataclass(frozen=True)
class FitRun:
    """The circumstances of a fit: everything that is not data and not the model's options.

    Attributes:
        seed: the random seed: all random numbers of the fit follow from it.
        device: `auto`, `cpu`, `cuda` or `mps`; models without a network ignore it.
        report: the model calls it with a `Progress` as often as it likes.
        save_snapshot: models that can go on from a `Snapshot` call it with one. Its arrays are
            written or copied before the call returns, so that the model may go on changing them.
        resume_from: the snapshot of the same fit at which to go on.
        max_steps: end after this many steps of the schedule (`--refit` repeats a run so far); with
            0 no step is taken.
        begin_with: what a model with the same shapes has learnt, by name: a model that declares
            `goes_on` begins with these arrays instead of random ones.
        measured: in a refit, the model of the first fit. A model takes over from it what follows
            from held-out documents, because the refit learns from these.
        watch: models that take steps call it before the first step and between two steps, with a
            function that returns a copy of what `arrays` would be if the fit ended now.
    """

    seed: int = 0
    device: str = "auto"
    report: Callable[[Progress], None] = ignore
    save_snapshot: Callable[[Snapshot], None] = ignore
    resume_from: Snapshot | None = None
    max_steps: int | None = None
    measured: LanguageModel | None = None
    begin_with: Mapping[str, NDArray[Any]] | None = None
    watch: Callable[[Callable[[], Arrays]], None] = ignore
