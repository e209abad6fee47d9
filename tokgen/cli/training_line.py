"""The line of a training that runs, as wide as the terminal: what matters least is left out."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress import ProgressColumn, Task, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

GAP = 2
LEAST_BAR, MOST_BAR = 5, 40


@dataclass(frozen=True)
class Told:
    """What was measured last, in words; empty where it was not."""

    loss: str = ""
    validation: str = ""
    speed: str = ""


@dataclass(frozen=True)
class _Line:
    """Step, bar, what was measured and the time that is left."""

    step: str
    bar: ProgressBar
    told: Told
    left: Text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(options.max_width, options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        words = self._words(options.max_width)
        for_bar = options.max_width - _width(words) - GAP
        row = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        if for_bar >= LEAST_BAR:
            self.bar.width = min(for_bar, MOST_BAR)
            row.add_row(words[0], self.bar, *words[1:])
        else:
            row.add_row(*words)
        yield row

    def _words(self, width: int) -> list[Text]:
        """What stands beside the bar: the speed goes before the bar does, and a loss after it."""
        told = self.told
        with_bar = width - GAP - LEAST_BAR
        for measured, most in (
            ((told.loss, told.validation, told.speed), with_bar),
            ((told.loss, told.validation), width),
            ((told.validation or told.loss,), width),
        ):
            words = [Text(self.step), *map(Text, filter(None, measured)), self.left]
            if _width(words) <= most:
                return words
        return [Text(self.step), self.left]


def _width(words: list[Text]) -> int:
    return sum(each.cell_len for each in words) + GAP * (len(words) - 1)


class TrainingLine(ProgressColumn):
    """Draws a task with the fields `told` and `sure`."""

    def __init__(self) -> None:
        super().__init__()
        self._remaining = TimeRemainingColumn()

    def render(self, task: Task) -> _Line:
        """The line of a task."""
        bar = ProgressBar(total=task.total, completed=task.completed)
        left = Text.assemble(f"{task.fields['sure']} ", self._remaining.render(task))
        step = f"step {task.completed:.0f}/{task.total or 0:.0f}"
        return _Line(step, bar, task.fields["told"], left)
