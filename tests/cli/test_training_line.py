"""The line of a training that runs: what it holds on a terminal of any width, and never cut."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress

from tokgen.cli.progress import GenerationProgress
from tokgen.cli.training_line import Told, TrainingLine

LOSS, VALIDATION, SPEED = "loss 2.0401", "validation 2.9537", "39,737 examples/s"
BAR = "━╸╺"


def drawn(width, told, sure="at most"):
    console = Console(width=width, file=io.StringIO())
    bar = Progress(TrainingLine(), console=console)
    bar.add_task("", total=1200, completed=187, told=told, sure=sure)
    console.print(bar.make_tasks_table(bar.tasks))
    (line,) = console.file.getvalue().splitlines()
    return line


def parts(line):
    """The words between the gaps, without the bar."""
    return [part.strip(f" {BAR}") for part in line.split("  ") if part.strip(f" {BAR}")]


@pytest.mark.parametrize(
    ("width", "held"),
    [
        (120, [LOSS, VALIDATION, SPEED]),
        (80, [LOSS, VALIDATION]),
        (60, [VALIDATION]),
        (40, []),
    ],
)
def test_what_matters_least_is_left_out_first(width, held):
    line = drawn(width, Told(LOSS, VALIDATION, SPEED))
    begin, *told, left = parts(line)
    assert begin == "step 187/1200"
    assert told == held
    assert left == "at most -:--:--"
    assert any(mark in line for mark in BAR)
    assert cell_len(line) <= width


@pytest.mark.parametrize("width", range(30, 130))
def test_no_part_is_cut(width):
    for told in (Told(), Told(LOSS), Told(LOSS, VALIDATION), Told(LOSS, VALIDATION, SPEED)):
        for sure in ("about", "at most"):
            line = drawn(width, told, sure)
            assert cell_len(line) <= width
            assert line.startswith("step 187/1200  ")
            assert line.rstrip().endswith(f"{sure} -:--:--")
            assert "…" not in line
            assert set(parts(line)[1:-1]) <= {told.loss, told.validation, told.speed}


def test_where_nothing_is_held_out_the_training_loss_stays_longest():
    assert LOSS in drawn(60, Told(LOSS, "", SPEED))


@pytest.mark.parametrize("width", [80, 60, 40])
def test_the_line_of_documents_is_not_cut(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    shown = GenerationProgress(1_000_000)
    console = Console(width=width, file=io.StringIO())
    console.print(shown._bar.make_tasks_table(shown._bar.tasks))
    (line,) = console.file.getvalue().splitlines()
    assert "0/1000000 documents -:--:--" in line
    assert cell_len(line) <= width
