"""--unit: each view in bits and in nats, beside the figures of its JSON, which has its own."""

from __future__ import annotations

import math
import re

import pytest
from running import tokgen

from tokgen.unit import Unit

pytestmark = pytest.mark.slow

MODEL = ("--model", "mlp")
EVERYWHERE = {
    "score": ("score", "abid"),
    "next": ("next", "abi"),
    "temperatures": ("next", "abi", "--temp", "1", "--temp", "2"),
    "loss": ("loss", "abid"),
    "split": ("loss",),
    "top": ("top", "-n", "2"),
    "given": ("top", "-n", "2", "--length", "5"),
    "analyze": ("analyze", "--length", "5"),
    "against": ("analyze", "--against", "ngram"),
    "eval": ("eval",),
    "info": ("info",),
}
OTHER = {Unit.bits: r"\bnats\b|\bln\b", Unit.nats: r"\bbits\b|log₂"}


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("asked", EVERYWHERE.values(), ids=EVERYWHERE)
def test_a_view_has_one_unit_and_names_it(asked, unit):
    done = tokgen(*asked, *MODEL, "--unit", unit)
    assert done.code == 0, done.err
    assert re.search(rf"\b{unit}\b|{unit.log} p\b", done.out)
    assert not re.search(OTHER[unit], done.out)


@pytest.mark.parametrize("unit", Unit)
def test_figures_are_those_of_the_json(unit):
    (row,) = tokgen("score", "abid", *MODEL, "--json").rows
    shown = tokgen("score", "abid", *MODEL, "--unit", unit).out
    figures = [f"{unit.of(-each):.1f}" for each in row["logprobs"]]
    assert shown.splitlines()[1].split() == [unit, *figures]
    assert f"{unit.log} p {unit.of(row['logprob']):.2f}, " in shown
    (row,) = tokgen("next", "abi", *MODEL, "--json").rows
    nats = row["entropy_bits"] * math.log(2)
    shown = tokgen("next", "abi", *MODEL, "--unit", unit).out
    assert f"{unit.of(nats):.2f} {unit}, {math.exp(nats):.1f} effective choices" in shown
    (row,) = tokgen("analyze", "--against", "ngram", *MODEL, "--json").rows
    figures = tokgen("analyze", "--against", "ngram", *MODEL, "--unit", unit).out
    against = row["against"]
    for way, nats in (
        ("from this model to the other", against["kl_nats"]),
        ("from the other model to this", against["kl_back_nats"]),
    ):
        assert f"KL divergence {way}, {unit}" in figures
        assert f"{unit.of(nats):.3f}\n" in re.sub(" +\n", "\n", figures)


@pytest.mark.parametrize("unit", Unit)
def test_a_training_and_the_model_that_it_keeps_have_one_unit(unit, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    words = tmp_path / "words.txt"
    words.write_text("".join(f"{a}{b}{c}\n" for a in "bdgkl" for b in "aeiou" for c in "mnrst"))
    asked = ("--corpus", words, "--model", "mlp", "--steps", 3, "--seed", 1)
    plain = tokgen("train", *asked, "--json")
    assert plain.code == 0, plain.err
    (losses,) = plain.rows
    done = tokgen("train", *asked, "--unit", unit)
    assert done.code == 0, done.err
    assert f"{unit.of(losses['validation_loss']):.4f}  {unit} per token" in done.out
    assert (
        f"On held-out documents the model has {unit.of(losses['validation_loss']):.2f} {unit} "
        in done.err
    )
    assert not re.search(OTHER[unit], done.out + done.err)
    name = tokgen("models", "list", "--json").rows[0]["name"]
    shown = tokgen("models", "show", name, "--unit", unit)
    assert shown.out.count(f"{unit.of(losses['validation_loss']):.4f}") >= 1
    assert not re.search(OTHER[unit], shown.out)
    assert (
        "--unit has no effect with --json" in tokgen("train", *asked, "--json", "--unit", unit).err
    )


@pytest.mark.parametrize("asked", [EVERYWHERE[name] for name in ("score", "next", "loss", "top")])
def test_json_names_its_units_itself(asked):
    done = tokgen(*asked, *MODEL, "--unit", "bits", "--json")
    assert done.code == 2
    assert "--unit has no effect with --json" in done.err


def test_a_session_changes_its_unit():
    said = "abi\n:unit nats\n:score abid\n:loss abid\n:unit bits\n:loss abid\n:unit usual\n:unit\n"
    done = tokgen("repl", *MODEL, "--seed", 1, stdin=f"{said}:unit nat\n")
    assert done.out.count("2.37 nats, 10.7 effective choices") == 1
    assert done.out.count("3.42 bits, 10.7 effective choices") == 3
    assert "ln p -13.28, one in 587,555; 2.66 nats per token" in done.out
    assert "The sum is 13.2837 nats" in done.out
    assert "The sum is 19.1644 bits" in done.out
    assert done.out.endswith("  unit usual\nThere is no unit 'nat'. Did you mean 'nats'?\n")


def test_a_session_begins_in_the_unit_that_is_asked_for():
    done = tokgen("repl", *MODEL, "--seed", 1, "--unit", "nats", stdin="abi\n:pick 1\n")
    assert "2.37 nats" in done.out
    assert "1.26 nats (forced)" in done.out
    assert "bits" not in done.out


def test_a_unit_without_a_figure_to_count_is_told():
    asked = ("analyze", *MODEL, "--memory", "2MiB", "--min-logprob", "-12")
    bounds = tokgen(*asked, "--unit", "nats")
    assert "--unit changes nothing: no figure here is counted in bits or nats." in bounds.err
    assert bounds.out == tokgen(*asked).out
    exact = tokgen("analyze", *MODEL, "--length", "5", "--unit", "nats")
    assert (exact.code, "changes nothing" in exact.err) == (0, False)
