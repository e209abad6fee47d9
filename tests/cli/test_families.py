"""`eval --all`: which models stand beside each other, and the table that they make."""

from __future__ import annotations

import io
import itertools
import json
import math
from dataclasses import replace

import pytest
from rich.console import Console
from running import tokgen
from words import WORDS, coloured_table

from tokgen import registry
from tokgen.cli.families import families_beside, models_there_are
from tokgen.cli.trials import say_how_long, seconds_of
from tokgen.cli.views.families import families_table
from tokgen.corpus.opening import open_corpus
from tokgen.text_model.comparison import Measured
from tokgen.text_model.plots import families, save
from tokgen.training.model_request import ModelRequest
from tokgen.unit import Unit

FOUND = [
    Measured(
        *("gru", 1.9619, 1.9379, 1.9858, 7.1127, 3.2332),
        *(230523, 37.5, 5422, 0.075, 0.994, 0.125, 0.142),
    ),
    Measured(
        *("counts", 2.5, 2.4, 2.6, math.exp(2.5), 4.1),
        *(98486, None, 24146, 0.0, 1.0, 0.383, 0.146),
    ),
]
TABLE = """\
model   loss, nats            95 %  perplexity  bits/char  parameters
gru         1.9619  1.938 to 1.986       7.113      3.233     230,523
counts      2.5000  2.400 to 2.600      12.182      4.100      98,486

model   training, s  drawn/s  in corpus  different  JS lengths  JS bigrams
gru            37.5    5,422      7.5 %     99.4 %       0.125       0.142
counts      unknown   24,146          ·    100.0 %       0.383       0.146
"""


def test_the_table_goes_on_below_where_it_is_too_wide():
    console = Console(file=io.StringIO(), width=80)
    console.print(families_table(FOUND))
    lines = console.file.getvalue().splitlines()
    assert "".join(f"{line.rstrip()}\n" for line in lines) == TABLE


def test_losses_are_drawn_by_size_and_by_time(tmp_path):
    path = tmp_path / "losses.svg"
    save(families(FOUND, measured_on="on 12 names"), path)
    drawn = path.read_text()
    title = "mean loss of each model, with its 95 % interval, on 12 names"
    texts = (title, "loss, nats per token", "parameters", "seconds of training")
    assert all(f"<!-- {text} -->" in drawn for text in texts)
    assert (drawn.count("<!-- gru -->"), drawn.count("<!-- counts -->")) == (1, 1)


def test_a_row_of_the_picture_is_a_model_the_best_above():
    losses, sizes, times = families(FOUND, Unit.bits).axes
    names = [label.get_text() for label in losses.get_yticklabels()]
    assert names == ["counts", "gru"]
    (line,) = (
        each for each in losses.lines if len(each.get_xdata()) == 2 and each.get_marker() == "o"
    )
    assert [*line.get_xdata()] == pytest.approx([Unit.bits.of(2.5), Unit.bits.of(1.9619)])
    assert [*sizes.lines[0].get_xdata()] == [98486, 230523]
    # What was not timed has no place in the last picture.
    assert [*times.lines[0].get_xdata()] == pytest.approx([math.nan, 37.5], nan_ok=True)


def test_what_is_in_no_picture_is_named_with_the_reason(tmp_path):
    path = tmp_path / "losses.svg"
    endless = {"nll": math.inf, "nll_low": math.inf, "nll_high": math.inf}
    save(families([*FOUND, replace(FOUND[0], model="never", **endless)]), path)
    drawn = path.read_text()
    assert "<!-- The loss is infinite: never. -->" in drawn
    assert "<!-- The seconds of training are unknown: counts. -->" in drawn
    assert "<!-- never -->" not in drawn


def test_the_seconds_of_a_training_follow_from_its_first_steps(small_plugins, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("".join(f"{word}\n" for word in WORDS))
    request, ticks = ModelRequest(str(words)), itertools.count()
    # The clock is read when the trial begins and at each step: here a second passes between them.
    least, most = seconds_of(request, "rnn", lambda: next(ticks))
    assert most == registry.load_model("rnn").Options().steps
    assert 0 < least < most
    ticks = itertools.count()
    assert seconds_of(request, "bigram", lambda: next(ticks)) == (1, 1)


def test_the_seconds_of_all_trainings_are_told_together(capsys, monkeypatch):
    trials = {"cnn": (2.0, 5.0), "rnn": (1.0, 7.0)}
    monkeypatch.setattr("tokgen.cli.trials.seconds_of", lambda _, name: trials[name])
    say_how_long(dict.fromkeys(trials, ModelRequest()))
    assert capsys.readouterr().err == "training cnn, rnn: at least 3 s, at most 12 s\n"
    trials = {"bigram": (0.1, 0.1)}
    say_how_long(dict.fromkeys(trials, ModelRequest()))
    say_how_long({})
    assert capsys.readouterr().err == ""


def test_what_is_shipped_is_compared_and_with_train_every_family_that_needs_no_option():
    corpus = open_corpus("indian-names")
    shipped = models_there_are(ModelRequest(), corpus)
    assert {"mlp", "mlp-2d", "ngram", "gru"} <= set(shipped)
    assert shipped["mlp-2d"].checkpoint == "shipped:mlp-2d"
    others = families_beside(shipped, ModelRequest())
    assert {"rnn", "cnn"} <= set(others)
    assert "mixture" not in others
    assert not others.keys() & shipped.keys()


def test_a_corpus_without_models_is_told_and_one_that_is_kept_is_compared(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("".join(f"{a}{b}{c}\n" for a in "kst" for b in "aeiou" for c in "nrl"))
    none = tokgen("eval", "--all", "--corpus", words)
    assert none.code == 2
    assert "words.txt' is shipped or kept: --train makes one of each family" in none.err
    assert tokgen("train", "--corpus", words, "--model", "ngram", "--seed", 1).code == 0
    done = tokgen("eval", "--all", "--corpus", words, "--json")
    (row,) = [json.loads(line) for line in done.out.splitlines()]
    assert (row["model"], row["split"]) == ("ngram", "validation")
    (alone,) = tokgen("eval", "--corpus", words, "--model", "ngram", "--json").rows
    assert row["nll"] == pytest.approx(alone["nll"], rel=1e-9)
    assert row["nll_low"] <= row["nll"] <= row["nll_high"]


def test_a_model_that_is_given_more_than_the_others_is_named(small_plugins, tmp_path):
    corpus = ("--corpus", coloured_table(tmp_path), "--column", "word")
    assert tokgen("train", *corpus, "--model", "bigram", "--seed", 1).code == 0
    told = ("--model", "told", "--condition-on", "colour,size", "--seed", 1)
    assert tokgen("train", *corpus, *told).code == 0
    done = tokgen("eval", "--all", *corpus, "--json")
    assert {row["model"] for row in done.rows} == {"bigram", "told"}
    assert done.err.count(" of each document that it predicts") == 1
    assert "'told' is given the colour and size of each document that it predicts" in done.err
