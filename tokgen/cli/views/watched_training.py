"""A training that is watched: its loss curve above the bar, which stays on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from rich.progress import Progress as Bar
from rich.progress import ProgressColumn

from tokgen.cli.progress import TrainingProgress
from tokgen.cli.terminal import talk_console
from tokgen.cli.views.loss_curve import loss_curve, turn
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.references import References
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.text import Text

REDRAWN_A_SECOND = 2
# What is printed after a training should not push its curve off the screen.
ROWS_AFTERWARDS = 14
ROWS_BESIDE = 4
ROWS = (9, 26)


class LossCurve:
    """The curve of the fit that runs now; rich draws it anew in its place, as large as fits."""

    def __init__(self, beside: References, unit: Unit = Unit.nats) -> None:
        self._unit = unit
        self._beside = beside
        self._history: list[Progress] = []
        self._is_over = False
        self._drawn: tuple[object, Text] | None = None

    def add(self, progress: Progress) -> None:
        """Take a report; where a new fit begins that measures as much, it is drawn from then on."""
        if not progress.has_losses:
            return
        if self._history and progress.step <= self._history[-1].step:
            if self._history[0].validation_loss is not None and progress.validation_loss is None:
                return
            self._history = []
        self._history = [*self._history, progress]

    def end(self) -> None:
        """Nothing comes any more: the curve makes room for what is printed below it."""
        self._is_over = True

    @classmethod
    def of(cls, history: Iterable[Progress], beside: References, unit: Unit = Unit.nats) -> Self:
        """The curve of a fit that is over."""
        curve = cls(beside, unit)
        for progress in history:
            curve.add(progress)
        curve.end()
        return curve

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        history = self._history
        if not history:
            return
        least, most = ROWS
        beside = ROWS_AFTERWARDS if self._is_over else ROWS_BESIDE
        rows = min(max(console.size.height - beside, least), most)
        steps = history[-1].step if self._is_over else history[-1].steps
        yield self._plot(history, steps, options.max_width, rows)
        sentence = turn(history, self._unit)
        if sentence is not None:
            yield sentence

    def _plot(self, history: list[Progress], steps: int, width: int, rows: int) -> Text:
        """The plot; while nothing is new, the one that was drawn last."""
        key = (history, steps, width, rows)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, loss_curve(history, self._beside, steps, width, rows, self._unit)
        return self._drawn[1]


class CurveAndBar(Bar):
    """rich's bar with the curve above it."""

    def __init__(self, curve: LossCurve, *columns: ProgressColumn, stays: bool) -> None:
        self._curve = curve
        super().__init__(
            *columns,
            console=talk_console(),
            refresh_per_second=REDRAWN_A_SECOND,
            transient=not stays,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn, from above."""
        yield self._curve
        yield from super().get_renderables()


class WatchedTraining(TrainingProgress):
    """A loss curve and a bar on a terminal; elsewhere as `TrainingProgress`.

    Args:
        stays: the curve stays on the screen afterwards.
    """

    def __init__(
        self,
        corpus: str,
        beside: References,
        *,
        refit: bool = False,
        stays: bool = True,
        unit: Unit = Unit.nats,
    ) -> None:
        super().__init__(corpus, refit=refit, unit=unit)
        self._curve = LossCurve(beside, unit)
        self._stays = stays

    def report(self, progress: Progress) -> None:
        """Show how far the training has come."""
        self._curve.add(progress)
        super().report(progress)

    def _new_bar(self, *columns: ProgressColumn) -> Bar:
        return CurveAndBar(self._curve, *columns, stays=self._stays)

    def _stop(self) -> None:
        self._curve.end()
        super()._stop()
