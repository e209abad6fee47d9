"""Estimates: what is computed from the first steps, how it is said, and when nothing is said."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.cli.pace import Pace, duration
from tokgen.cli.progress import TrainingProgress
from tokgen.plugin_api.fit_run import Progress


def said_of(capsys, reports, corpus="words.txt", **options):
    """What is said of reports (seconds, progress)."""
    now = 0.0
    with TrainingProgress(corpus, clock=lambda: now, **options) as shown:
        for now, progress in reports:  # noqa: B007
            shown.report(progress)
    return capsys.readouterr().err.splitlines()


def steps(count, seconds_each, **more):
    return [
        (5 + seconds_each * (step - 1), Progress(step, count, None, **more))
        for step in range(1, count + 1)
    ]


def test_the_time_of_a_step_follows_from_those_that_are_done():
    pace = Pace(step=1, at=10.0)
    assert pace.seconds_a_step(1, 30.0) is None
    assert pace.seconds_a_step(4, 10.9) is None
    assert pace.seconds_a_step(26, 11.0) == 1 / 25
    assert Pace(step=401, at=0.0).seconds_a_step(411, 2.0) == 2 / 10


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3.0, "3 s"),
        (6.1, "7 s"),
        (20, "20 s"),
        (20.1, "25 s"),
        (43, "45 s"),
        (90, "90 s"),
        (90.1, "2 min"),
        (179, "3 min"),
        (90 * 60, "90 min"),
        (90 * 60 + 1, "1 h 40 min"),
        (2 * 3600, "2 h"),
    ],
)
def test_a_duration_is_rounded_up(seconds, said):
    assert duration(seconds) == said


def seconds_in(said):
    units, words = {"s": 1, "min": 60, "h": 3600}, said.split()
    return sum(int(words[k]) * units[words[k + 1]] for k in range(0, len(words), 2))


@given(st.floats(1, 10**6))
def test_what_it_takes_at_most_is_rounded_up_and_at_least_down(seconds):
    least, most = seconds_in(duration(seconds, math.floor)), seconds_in(duration(seconds))
    assert seconds / 1.5 - 1 < least <= seconds <= most < 1.5 * seconds + 1


def test_a_long_fit_is_announced_once_it_is_known(capsys):
    assert said_of(capsys, steps(100, 0.5)[:2]) == []
    assert said_of(capsys, steps(100, 0.5)[:3]) == ["learning from words.txt: about 50 s"]
    assert said_of(capsys, steps(100, 0.5)) == ["learning from words.txt: about 50 s"]


def test_a_fit_that_may_end_sooner_takes_so_long_at_most(capsys):
    said = said_of(capsys, steps(100, 0.5, soonest=21), corpus="/some/where/words.txt")
    assert said == ["learning from words.txt: at least 10 s, at most 50 s"]
    said = said_of(capsys, steps(100, 0.5, soonest=2))
    assert said == ["learning from words.txt: at most 50 s"]
    assert said_of(capsys, steps(100, 0.5, soonest=100)) == ["learning from words.txt: about 50 s"]


def test_a_fit_that_is_resumed_takes_as_long_as_what_is_left(capsys):
    assert said_of(capsys, steps(100, 0.5)[60:]) == ["learning from words.txt: about 20 s"]


def test_of_a_short_fit_nothing_is_said(capsys):
    assert said_of(capsys, steps(100, 0.029)) == []


def test_why_it_is_trained_stands_before_how_long_it_takes(capsys):
    said = said_of(capsys, steps(100, 0.5), why=lambda: "there is none")
    assert said == ["there is none", "learning from words.txt: about 50 s"]


def test_each_fit_is_announced_by_itself(capsys):
    again = [(100 + at, progress) for at, progress in steps(20, 0.5)]
    assert said_of(capsys, steps(100, 0.5) + again, refit=True) == [
        "learning from words.txt: about 50 s, then once more for --refit",
        "learning from words.txt: about 10 s",
    ]


def test_only_steps_with_losses_are_told(capsys):
    measured = [(0.1 * step, Progress(step, 4, 2.5 / step)) for step in (1, 2, 4)]
    between = [(0.15, Progress(3, 4, None))]
    assert said_of(capsys, sorted(measured + between, key=lambda each: each[1].step)) == [
        "step 1/4  loss 2.5000",
        "step 2/4  loss 1.2500",
        "step 4/4  loss 0.6250",
    ]


def test_standard_input_is_called_so(capsys):
    assert said_of(capsys, steps(100, 0.5), corpus="-") == [
        "learning from standard input: about 50 s"
    ]
