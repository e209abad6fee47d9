"""What notebooks show of a loss, a step, a classification and a document: the figures by hand."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from notebook_page import HOSTILE, Read, shown

from tokgen.plugin_api import Explanation
from tokgen.text_model.classification import Classified, ValueProbability
from tokgen.text_model.cross_entropy import CrossEntropy
from tokgen.text_model.explained import Explained
from tokgen.text_model.gradient_step import TakenStep
from tokgen.text_model.results import Generated, Score

HALVES = CrossEntropy(
    Score("a b", ("a", " ", "b", "-"), (math.log(0.5),) * 4),
    (("-",), ("a",), (" ",), ("b",)),
    ("a", "b", " ", "-"),
    math.log(4),
)


def step(symbols, before, after, target):
    gradient = np.array(before) - np.eye(len(before))[target]
    return TakenStep(shown(symbols, before), shown(symbols, after), target, 0.01, gradient, ())


def test_a_loss_is_worked_out_row_by_row():
    page = Read(HALVES._repr_html_())
    assert sorted(page.opened) == sorted(page.closed)
    assert page.texts[page.texts.index("the model sees") :] == [
        *["the model sees", "target", "p", "−ln p, nats"],
        *["-", "a", "50.0 %", "0.6931"],
        *["a", "␣", "50.0 %", "0.6931"],
        *["␣", "b", "50.0 %", "0.6931"],
        *["b", "-", "50.0 %", "0.6931"],
    ]
    said = "2.7726 / 4 = 0.6931 nats per token; guessing evenly costs 1.3863 nats each"
    assert said in " ".join(page.texts)


def test_a_step_shows_the_target_first_and_sums_what_is_not_shown():
    symbols = [chr(ord("a") + number) for number in range(12)]
    even = [1 / 12] * 12
    page = Read(step(symbols, even, [0.45, *[0.05] * 11], 3)._repr_html_())
    first = page.texts.index("after") + 1
    assert page.texts[first : first + 5] == ["d", "(target)", "8.3 %", "-0.917", "5.0 %"]
    assert page.texts[first + 5 : first + 9] == ["a", "8.3 %", "+0.083", "45.0 %"]
    assert page.texts[-3:] == ["… 2 more tokens", "16.7 %", "10.0 %"]
    assert "2.4849 nats before a step of 0.01 · gradient, 2.9957 after it" in " ".join(page.texts)


def test_a_classification_shows_each_column_beside_its_shares():
    values = tuple(ValueProbability(f"v{number}", 1 / 12, 0.5 / 12) for number in range(12))
    columns = {"gender": (ValueProbability("f", 0.75, 0.4), ValueProbability("", 0.25, 0.6))}
    page = Read(Classified("ann", -7.25, {**columns, "origin": values})._repr_html_())
    first = page.texts.index("share alone") + 1
    assert page.texts[first : first + 7] == [
        *["gender", "f", "75.0 %", "40.0 %"],
        *["(no value)", "25.0 %", "60.0 %"],
    ]
    assert page.texts[-3:] == ["… 2 more values", "16.7 %", "8.3 %"]
    assert "ln p -7.250 over all values" in " ".join(page.texts)


@pytest.mark.parametrize(
    ("drawn", "finished", "cells"),
    [
        (None, True, ["ln p", "ann", "-7.250", "ended by itself"]),
        (-2.5, False, ["ln p as drawn", "ann", "-7.250", "-2.500", "cut at the length limit"]),
    ],
)
def test_a_document_tells_how_it_ended(drawn, finished, cells):
    page = Read(Generated("ann", -7.25, drawn, finished)._repr_html_())
    assert page.texts[-len(cells) :] == cells


@pytest.mark.parametrize(
    "page",
    [
        CrossEntropy(
            Score(HOSTILE, (HOSTILE, "-"), (-1.0, -1.0)), ((HOSTILE,), ()), (HOSTILE,), 1.0
        )._repr_html_(),
        step((HOSTILE, "-"), [0.5, 0.5], [0.6, 0.4], 0)._repr_html_(),
        Classified(HOSTILE, -1.0, {HOSTILE: (ValueProbability(HOSTILE, 1.0, 1.0),)})._repr_html_(),
        Generated(HOSTILE, -1.0, None, True)._repr_html_(),
    ],
    ids=["loss", "step", "classification", "document"],
)
def test_text_is_text(page):
    assert "img" not in Read(page).opened
    assert not re.search(r"<script|javascript:|<style", page)
    tags = Read(page)
    assert sorted(tags.opened) == sorted(tags.closed)


def test_an_explanation_has_a_table_for_each_step():
    steps = (
        Explanation("sums", np.array([[2.0], [0.5]]), ("all", HOSTILE), (HOSTILE,)),
        Explanation(HOSTILE, np.array([0.25, 0.75]), ("a", "-")),
    )
    page = Read(Explained(shown("a-", [0.25, 0.75]), steps)._repr_html_())
    assert sorted(page.opened) == sorted(page.closed)
    assert page.opened.count("table") == 2
    assert "img" not in page.opened
    assert page.texts[page.texts.index("sums (2 × 1)") :] == [
        *["sums (2 × 1)", HOSTILE, "all", "2", HOSTILE, "0.5000"],
        *[f"{HOSTILE} (2)", "-", "0.7500", "a", "0.2500"],
    ]
    assert "the model sees a ; it comes to its distribution in 2 steps" in " ".join(page.texts)
