"""A sentence for users stays a sentence, whatever it quotes."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field

from tokgen.errors import (
    LONGEST_SENTENCE,
    RequestError,
    TokgenError,
    counted,
    did_you_mean,
    sentence_about,
)
from tokgen.plugin_api.options import parse_options


class Options(BaseModel):
    width: int = Field(default=1, le=10)


@pytest.mark.parametrize("make", [TokgenError, lambda said: ValueError(said)])
def test_a_sentence_is_cut_to_a_screen(make):
    said = sentence_about(make("x" * 2_000_000))
    assert said.endswith(" more characters)")
    assert LONGEST_SENTENCE < len(said) < 80 * 24
    kept, cut_off = said.split(" … (")
    left = int(cut_off.removesuffix(" more characters)").replace(",", ""))
    whole = len(sentence_about(make(""))) + 2_000_000
    assert len(kept) + left == whole


def test_a_sentence_that_fits_is_left_as_it_is():
    assert str(TokgenError("x" * LONGEST_SENTENCE)) == "x" * LONGEST_SENTENCE


@pytest.mark.parametrize("value", [10**5000, [10**5000], "9" * 5000], ids=["int", "list", "text"])
def test_a_number_of_thousands_of_digits_is_refused(value):
    with pytest.raises(RequestError, match="option 'width'"):
        parse_options(Options, {"width": value}, "Model 'mlp'")


def test_what_is_counted_is_one_or_several():
    assert [counted(number, "token") for number in (0, 1, 2, 1204)] == [
        "0 tokens",
        "1 token",
        "2 tokens",
        "1,204 tokens",
    ]


def test_of_many_choices_the_first_are_told_and_how_many_there_are():
    assert did_you_mean("xyz", ["b", "a"]) == " There are: a, b."
    names = [f"{number:04}" for number in range(1200)]
    said = did_you_mean("xyz", names)
    assert said.startswith(" There are 1,200: 0000, 0001, 0002, ")
    assert said.endswith(" 0028, 0029, … (1,170 more).")
    assert did_you_mean("0110", names) == " Did you mean '0110'?"
