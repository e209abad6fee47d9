"""The table of a distribution: the rank beside a token is the one that `:pick` takes."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from rich.console import Console
from running import tokgen

import tokgen as library
from tokgen.cli.views.distribution import Sort, lines_beside, show_distribution
from tokgen.cli.views.events import show_event
from tokgen.cli.views.fitting import rows_that_fit
from tokgen.session.comparison import Compared, Comparison
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.training.model_request import ModelRequest


@pytest.fixture
def session():
    model = library.load("indian-names", "ngram")
    return Session(State(model, Settings(seed=1), ModelRequest(), lambda request: model))


def rows(session, *lines):
    """Rank and token of each row that the last of the lines shows."""
    for line in lines:
        (event,) = session.handle(line)
    console = Console(file=io.StringIO(), width=80)
    show_event(console, event)
    found = [line.split()[:2] for line in console.file.getvalue().splitlines() if " %" in line]
    return [(int(rank), token) for rank, token in found if rank != "…"]


@pytest.mark.parametrize("before", [(":all",), (":chain temperature:t=3",), (":temp 2",)])
def test_pick_takes_the_rank_that_is_shown(session, before):
    shown = rows(session, "abi", *before, ":sort alphabet")
    tokens = [token for _, token in shown]
    assert tokens == [*sorted(set(tokens) - {"-"}), *["-"][: "-" in tokens]]
    for rank, token in shown[:8]:
        chosen = next(session.handle(f":pick {rank}"))
        assert (chosen.token, chosen.rank) == (token, rank)
        list(session.handle("abi"))


def test_tokens_that_nobody_sees_have_signs(tmp_path):
    corpus = tmp_path / "words.txt"
    corpus.write_text("\n".join(f"{a} {b}\t{a}" for a in "abcde" for b in "xyzuv"))
    shown = tokgen("next", "a", "--corpus", corpus, "--model", "ngram", "--rows", 1)
    assert shown.out.splitlines()[3].split()[1] == "␣"
    assert "the model sees ␃␃" in shown.out or "the model sees --" in shown.out
    letters = tokgen("score", "a x\ta", "--corpus", corpus, "--model", "ngram").out.splitlines()[0]
    assert letters.split() == ["a", "␣", "x", "⇥", "a", "-"]


def test_the_heading_says_whose_entropy_it_is(session):
    def first_line(line):
        console = Console(file=io.StringIO(), width=80)
        for event in session.handle(line):
            show_event(console, event)
        return console.file.getvalue().splitlines()[0].rstrip()

    assert first_line("abi").endswith("effective choices")
    assert first_line(":chain top_k:k=4").endswith("3.7 effective choices under the chain")


def test_a_token_drawn_from_another_distribution_than_the_models_has_both_figures(session):
    def chosen(line):
        console = Console(file=io.StringIO(), width=80)
        list(session.handle("abi"))
        show_event(console, next(session.handle(line)))
        return console.file.getvalue().strip()

    assert re.fullmatch(r"\S   rank \d+, [\d.]+ %, [\d.]+ bits", chosen(""))
    list(session.handle(":chain top_k:k=1"))
    drawn = chosen("")
    assert re.fullmatch(r"\S   rank 1, [\d.]+ bits, [\d.]+ % of the model, 100.0 % as drawn", drawn)
    assert chosen(":pick 2").endswith("bits (forced)")


@pytest.mark.parametrize("width", [40, 80, 120])
def test_one_distribution_is_summed_under_headings(session, width):
    console = Console(file=io.StringIO(), width=width)
    (event,) = session.handle("abi")
    show_event(console, event)
    lines = console.file.getvalue().splitlines()
    first = next(number for number, line in enumerate(lines) if line.split() == ["p", "sum"])
    shares = [100 * each for each in sorted(event.next.probs, reverse=True)]
    for number, line in enumerate(lines[first + 1 : -1]):
        p, total = re.findall(r"([\d.]+) %", line)
        assert (float(p), float(total)) == pytest.approx(
            (shares[number], sum(shares[: number + 1])), abs=0.051
        )
        assert line.rstrip().endswith(f"{total} %")


def test_columns_have_their_entropies_under_them():
    shown = tokgen("next", "abi", "--model", "ngram", "--temp", 0.5, "--temp", 2, "--rows", 3).out
    bits = [
        tokgen("next", "abi", "--model", "ngram", "--temp", t, "--json").rows[0]["entropy_bits"]
        for t in (0.5, 2)
    ]
    under = next(line for line in shown.splitlines() if line.rstrip().endswith("bits"))
    assert under.split() == [f"{bits[0]:.2f}", "bits", f"{bits[1]:.2f}", "bits"]
    assert "effective" not in shown
    assert re.fullmatch(r"… 24 more, .* % \(T 0.5\), .* % \(T 2\)", shown.splitlines()[-1])
    chain = tokgen("next", "abi", "--model", "ngram", "--top-k", 4, "--rows", 3).out
    assert sum(line.count("bits") for line in chain.splitlines()) == 3


OF_FIVE = {"even": [0.2] * 5, "left": [0.7, 0.2, 0.1, 0, 0], "right": [0, 0.1, 0, 0.3, 0.6]}


def beside(*names, rows, present=0):
    """What is shown of distributions over five letters side by side, in words."""

    def compared(name):
        with np.errstate(divide="ignore"):
            row = np.log(OF_FIVE[name])
        shown = library.NextToken("", (), b"", 0, (), 0, (), tuple("abcde"), row)
        return Compared(shown, 1.0, name)

    console = Console(file=io.StringIO(), width=80)
    columns = tuple(map(compared, names))
    show_event(console, Comparison(columns, "probability", rows, present=present))
    return [re.sub("[█▉▊▋▌▍▎▏]", "", line).split() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("names", [("even", "right"), ("right", "even")])
def test_tokens_that_any_column_makes_likely_stand_first(names):
    shown = beside(*names, rows=2, present=names.index("right"))
    first, second = (line for line in shown if line[:2] in (["1", "e"], ["2", "d"]))
    at = 2 + 2 * names.index("right")
    assert (first[at], second[at]) == ("60.0", "30.0")
    left = {"even": "60.0 % (even)", "right": "10.0 % (right)"}
    assert " ".join(shown[-1]) == f"… 3 more, {left[names[0]]}, {left[names[1]]}"


def test_ranks_are_those_of_the_distribution_that_is_drawn_from():
    shown = beside("left", "right", rows=4, present=1)[3:7]
    assert [line[:2] for line in shown] == [["a", "70.0"], ["1", "e"], ["2", "d"], ["3", "b"]]


@pytest.mark.parametrize("height", [20, 24, 30])
@pytest.mark.parametrize("line", ["abi", "chained", "compared"])
def test_rows_fit_the_terminal(session, height, line):
    console = Console(file=io.StringIO(), width=80, height=height, force_terminal=True)
    state = session.state
    list(session.handle("abi"))
    if line == "chained":
        list(session.handle(":chain top_k:k=4 temperature:t=2"))
    shown = state.next()
    columns = 3 if line == "compared" else 1
    rows = rows_that_fit(console, lines_beside(shown, columns))
    if line == "compared":
        one = Compared(shown, 1.0, "ngram")
        show_event(console, Comparison((one,) * 3, "probability", rows))
    else:
        show_distribution(console, shown, Sort.probability, rows)
    assert height - 5 <= len(console.file.getvalue().splitlines()) <= height - 2
