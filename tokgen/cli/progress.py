"""How long work shows itself: bars, and a word where no bar can be, on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tokgen.cli.terminal import say, talk_console
from tokgen.plugin_api.fit_run import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID
    from rich.status import Status

PATIENCE = 1.0


class TrainingProgress:
    """A bar on a terminal, a line now and then elsewhere. It appears with the first report.

    `why` is asked and told before it, where the user did not ask for a training.
    """

    def __init__(self, why: Callable[[], str] | None = None) -> None:
        self._why = why
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._last_told = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.stop()

    def report(self, progress: Progress) -> None:
        """Show how far the training has come."""
        if progress.interrupted:
            say(f"stopping at step {progress.step:,} of {progress.steps:,}")
            return
        if self._bar is None:
            if self._why is not None:
                say(self._why())
            self._start()
        self._tell(progress)

    def _start(self) -> None:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("step {task.completed}/{task.total}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=talk_console())
        if self._bar.console.is_terminal:
            self._bar.start()
            self._task = self._bar.add_task("")

    def _tell(self, progress: Progress) -> None:
        losses = _described(progress)
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                completed=progress.step,
                total=progress.steps,
                description=losses,
            )
        elif progress.step == progress.steps or progress.step >= self._last_told * 2:
            self._last_told = progress.step
            say(f"step {progress.step}/{progress.steps}  {losses}")


class GenerationProgress:
    """A bar for documents that are being written."""

    def __init__(self, count: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
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


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """Say what takes so long, where somebody watches and it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield
        return
    with ExitStack() as shown:
        timer = threading.Timer(PATIENCE, lambda: shown.enter_context(_status(doing)))
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _status(doing: str) -> Status:
    from rich.status import Status

    return Status(f"{doing} …", console=talk_console())


def _described(progress: Progress) -> str:
    parts = []
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.4f}")
    if progress.validation_loss is not None:
        parts.append(f"validation {progress.validation_loss:.4f}")
    if progress.examples_per_second is not None:
        parts.append(f"{progress.examples_per_second:,.0f} examples/s")
    return "  ".join(parts)
