"""The loss curve in a terminal: where its points stand, what its labels say, what fits."""

from __future__ import annotations

import io
import math
import os
from itertools import pairwise

import pytest
from rich.console import Console
from running import tokgen
from streams import run

from tokgen.cli.views.loss_curve import Scale, loss_curve, turn
from tokgen.cli.views.watched_training import LossCurve
from tokgen.plugin_api.fit_run import Progress
from tokgen.training.references import References
from tokgen.unit import Unit

BESIDE = References(uniform=math.log(27), frequency=2.85, baseline=2.024, tokens=27)
SIZES = [(40, 24), (80, 24), (100, 30), (120, 40)]


def falling(steps=400, every=20):
    return [
        Progress(step, steps, 2.1 + 1.3 * math.exp(-step / 40), 2.15 + 1.2 * math.exp(-step / 50))
        for step in range(0, steps + 1, every)
    ]


def rows_of(history, width=80, height=20, beside=BESIDE):
    return loss_curve(history, beside, history[-1].steps, width, height).plain.split("\n")


def crosses(rows):
    """(column, row) of each cross in the plot, from the left, without the label's."""
    end = rows[-2].index(" nats")
    plot = [row[7:end] for row in rows]
    return sorted((x, y) for y, row in enumerate(plot) for x, mark in enumerate(row) if mark == "×")


def test_in_bits_every_line_of_it_is_in_bits():
    history = falling()
    rows = loss_curve(history, BESIDE, 400, 80, 20, Unit.bits).plain.split("\n")
    shown = "\n".join(rows)
    assert "┈ guessing, log₂ 27 4.75" in shown
    assert f"╌ n-gram {2.024 / math.log(2):.2f}" in shown
    assert f"━ training {history[-1].loss / math.log(2):.2f}" in shown
    assert "bits per token" in rows[-2]
    assert "nats" not in shown


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_has_the_size_asked_for(width, height):
    rows = rows_of(falling(), width, height - 4)
    assert len(rows) == height - 4
    assert all(len(row) <= width for row in rows)


def test_every_line_is_named_with_the_loss_at_its_end():
    rows = rows_of(falling())
    named = [
        "┈ guessing, ln 27 3.30",
        "━ training 2.10",
        "× validation 2.15",
        "╌ n-gram 2.02",
    ]
    places = [[number for number, row in enumerate(rows) if label in row] for label in named]
    assert all(len(place) == 1 for place in places)
    assert len({place[0] for place in places}) == 4


def test_a_training_with_dropout_says_so():
    with_dropout = [Progress(0, 9, 3.0, with_dropout=True), Progress(9, 9, 2.5, with_dropout=True)]
    assert any("━ training (with dropout) 2.50" in row for row in rows_of(with_dropout))


def test_without_an_n_gram_and_without_held_out_documents_their_lines_are_left_out():
    beside = References(uniform=math.log(27), frequency=None, baseline=None, tokens=27)
    shown = "\n".join(rows_of([Progress(0, 9, 3.0), Progress(9, 9, 2.5)], beside=beside))
    assert "n-gram" not in shown
    assert "validation" not in shown
    assert "guessing, ln 27 3.30" in shown


def test_the_validation_losses_stand_where_the_axes_say():
    history = falling(every=50)
    rows = rows_of(history, 120, 30)
    found = crosses(rows)
    assert len(found) == len(history)
    ticks = [(float(row[:5]), number) for number, row in enumerate(rows) if row[6] == "┤"]
    (high, above), (low, below) = ticks[0], ticks[-1]
    for progress, (_, row) in zip(history, found, strict=True):
        expected = above + (high - progress.validation_loss) / (high - low) * (below - above)
        assert abs(row - expected) <= 1
    columns = [column for column, _ in found]
    gaps = [right - left for left, right in pairwise(columns)]
    assert columns[0] == 0
    assert max(gaps) - min(gaps) <= 1


def test_a_step_is_written_below_its_place():
    *_, rule, numbers = rows_of(falling())
    for step in ("100", "200", "300"):
        middle = numbers.index(step) + 1
        assert rule[middle] == "┬"


def test_guessing_is_above_the_plot_where_the_model_is_far_better():
    rows = rows_of([Progress(0, 9, None, 2.06), Progress(9, 9, None, 2.04)])
    assert "guessing, ln 27 (above) 3.30" in rows[0]
    heights = {row for _, row in crosses(rows)}
    assert len(heights) == 2


def test_one_point_and_a_loss_that_is_no_number_are_drawn_too():
    assert any("× validation 3.30" in row for row in rows_of([Progress(0, 0, None, 3.3)]))
    rows_of([Progress(0, 9, 3.3, math.inf), Progress(9, 9, 3.0, 3.1)])


def test_the_scale_has_its_ends_at_its_edges():
    scale = Scale(10, 2.0, 3.0)
    assert [scale.row(loss, 4) for loss in (3.1, 3.0, 2.6, 2.4, 2.0, 1.9)] == [0, 0, 1, 2, 3, 3]


def test_a_turn_is_told_once_three_evaluations_are_worse():
    def at(*losses):
        return turn([Progress(step, 9, None, loss) for step, loss in enumerate(losses)])

    assert at(3.0, 2.0, 2.1, 2.2) is None
    assert at(3.0, 2.0, 2.1, 2.2, 2.25) == (
        "The validation loss was lowest at step 1 (2.000); it has risen by 0.250 since."
    )
    assert at(3.0, 2.0, 2.1, 2.2, 2.0) is None
    assert at() is None


def shown(curve, width, height):
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True)
    with console.capture() as capture:
        console.print(curve)
    return capture.get().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_curve_leaves_room_for_the_bar_and_at_the_end_for_what_is_said(width, height):
    curve = LossCurve(BESIDE)
    assert shown(curve, width, height) == []
    for progress in falling():
        curve.add(progress)
    assert min(height - 14, 25) < len(shown(curve, width, height)) <= height - 4
    curve.end()
    assert 9 <= len(shown(curve, width, height)) <= max(height - 14, 10)


def test_a_second_fit_on_all_documents_leaves_the_curve_of_the_first():
    curve = LossCurve(BESIDE)
    for progress in falling():
        curve.add(progress)
    before = shown(curve, 80, 24)
    curve.add(Progress(0, 400, 3.3))
    curve.add(Progress(100, 400, 2.3))
    assert shown(curve, 80, 24) == before
    curve.add(Progress(0, 10, 3.3, 3.2))
    assert shown(curve, 80, 24) != before


TRAINED = ["train", "--model", "mlp", "-o", "steps=6", "-o", "hidden=4", "--seed", "1"]


def test_in_a_pipe_there_are_lines_and_no_plot(tmp_path):
    done = tokgen(*TRAINED, "--output", tmp_path / "m.safetensors")
    assert done.code == 0
    assert "step 0/6  loss" in done.err
    assert "step 6/6  loss" in done.err
    assert "┤" not in done.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_on_a_terminal_the_curve_is_drawn_and_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", "xterm")
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    run(*TRAINED, "--output", tmp_path / "m.safetensors")
    last = terminal.getvalue().rpartition("└")[0][-3000:]
    assert "× validation" in last
    assert "╌ n-gram" in last
    assert "guessing, ln 27" in last
    assert terminal.getvalue().split()[-2:] == ["--checkpoint", f"{tmp_path}/m.safetensors"]
