"""How far long work has come: bars on a terminal, lines elsewhere, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tokgen.cli.pace import WORTH_SAYING, Pace, duration, estimated
from tokgen.cli.terminal import say, talk_console
from tokgen.cli.unechoed import unechoed
from tokgen.cli.waiting import put_away
from tokgen.corpus.once import called
from tokgen.plugin_api.fit_run import Progress
from tokgen.unit import Unit

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn, TaskID

    from tokgen.cli.training_line import Told
    from tokgen.exact.search.effort import Effort


class TrainingProgress:
    """A bar on a terminal, a line now and then elsewhere. It appears with the first report.

    A fit that will take longer than a moment is announced with an estimate of its length, as soon
    as the first steps have shown it.

    Args:
        corpus: what is learnt from, as the user named it.
        why: asked and told before everything, where the user did not ask for a training.
        unit: of the losses.
        refit: a second fit follows, about which nothing is known before it begins.
        clock: the time in seconds.
    """

    def __init__(
        self,
        corpus: str,
        why: Callable[[], str] | None = None,
        *,
        refit: bool = False,
        unit: Unit = Unit.nats,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._learning = f"learning from {called(corpus)}"
        self._then = ", then once more for --refit" if refit else ""
        self._why = why
        self._unit = unit
        self._clock = clock
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._instead_of_waiting = ExitStack()
        self._last_told = 0
        self._step = 0
        self._pace: Pace | None = None
        self._is_estimated = False
        self._holds_out = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.stop()
        self._instead_of_waiting.close()

    def report(self, progress: Progress) -> None:
        """Show how far the training has come."""
        if progress.interrupted:
            say(f"stopping at step {progress.step:,} of {progress.steps:,}")
            return
        if self._bar is None:
            if self._why is not None:
                say(self._why())
            self._start()
        self._estimate(progress)
        self._tell(progress)

    def _estimate(self, progress: Progress) -> None:
        """Say how long this fit will take, once for each fit and only if it is worth a line."""
        now = self._clock()
        if self._pace is None or progress.step <= self._step:
            self._pace, self._is_estimated = Pace(progress.step, now), False
        self._step = progress.step
        each = self._pace.seconds_a_step(progress.step, now)
        if each is None or self._is_estimated:
            return
        self._is_estimated = True
        most = each * (progress.steps - self._pace.step)
        if most >= WORTH_SAYING:
            least = progress.soonest and each * (progress.soonest - self._pace.step)
            say(f"{self._learning}: {estimated(least, most)}{self._then}")
        self._then = ""

    def _start(self) -> None:
        from tokgen.cli.training_line import Told, TrainingLine

        self._bar = self._new_bar(TrainingLine())
        if self._bar.console.is_terminal:
            self._instead_of_waiting.enter_context(put_away())
            self._instead_of_waiting.enter_context(unechoed())
            self._bar.start()
            self._task = self._bar.add_task("", told=Told(), sure="")

    def _new_bar(self, *columns: ProgressColumn) -> Bar:
        from rich.progress import Progress as Bar

        return Bar(*columns, console=talk_console())

    def _tell(self, progress: Progress) -> None:
        self._holds_out = self._holds_out or progress.validation_loss is not None
        # Both losses of one step stand together; what comes between is only for a curve.
        is_whole = progress.validation_loss is not None or not self._holds_out
        told = _told(progress, self._unit) if is_whole else None
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                completed=progress.step,
                total=progress.steps,
                sure=_how_sure(progress),
            )
            if told is not None:
                self._bar.update(self._task, told=told)
        elif told and (progress.step == progress.steps or progress.step >= self._last_told * 2):
            self._last_told = progress.step
            words = "  ".join(filter(None, (told.loss, told.validation, told.speed)))
            say(f"step {progress.step}/{progress.steps}  {words}")


def _how_sure(progress: Progress) -> str:
    return "about" if progress.soonest in (None, progress.steps) else "at most"


class GenerationProgress:
    """A bar for documents that are being written."""

    def __init__(self, count: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar
        from rich.table import Column

        columns = (
            BarColumn(),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TextColumn("documents"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=talk_console())
        self._task = self._bar.add_task("", total=count)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def advance(self, documents: int) -> None:
        """Tell that so many more were written."""
        self._bar.advance(self._task, documents)


def announce_search(effort: Effort, count: int, at_most: int) -> None:
    """Say how long a search for documents will take, wherever that is worth a line."""
    prefixes = effort.prefixes(count)
    seconds = effort.seconds_a_prefix * min(prefixes, at_most)
    if seconds < WORTH_SAYING:
        return
    say(f"looking for documents: about {duration(seconds)}; Ctrl-C ends it")
    if prefixes > at_most:
        say(
            f"the search may find nothing: it would have to look at about {prefixes:.0e} prefixes, "
            f"and it stops after {at_most:,}"
        )


def _told(progress: Progress, unit: Unit) -> Told | None:
    """What a report measured, in words; None where it measured nothing."""
    from tokgen.cli.training_line import Told

    loss, held_out, speed = progress.loss, progress.validation_loss, progress.examples_per_second
    told = Told(
        "" if loss is None else f"loss {unit.of(loss):.4f}",
        "" if held_out is None else f"validation {unit.of(held_out):.4f}",
        "" if speed is None else f"{speed:,.0f} examples/s",
    )
    return None if told == Told() else told
