"""Documents given conditions, and what stands between a prompt and a suffix, by enumeration."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import pytest
from overlapping import MODELS, table_model, text_model
from small_tokenizers import WITHOUT_PIECES, PieceTokenizer

from tokgen.exact.conditions import Conditions

LETTERS = PieceTokenizer([b"a", b"b", b"*"])
SMALL = text_model(table_model(LETTERS, 3), LETTERS)
DRAWN = 1024


@pytest.mark.parametrize(
    ("prompt", "suffix", "most"), [("ab", "ba", 2), ("", "a", 2), ("*", "**", 1), ("ab", "", 2)]
)
def test_infilling_draws_from_the_model_given_both_sides(prompt, suffix, most, serving):
    ask = serving(SMALL)
    middles = [
        "".join(letters)
        for length in range(most + 1)
        for letters in itertools.product("ab*", repeat=length)
    ]
    weights = [math.exp(SMALL.score(prompt + middle + suffix).logprob) for middle in middles]
    found: Counter[str] = Counter()
    for seed in range(DRAWN // 256):
        choices = ask.choices(prompt=prompt, suffix=suffix, max_tokens=most, n=256, seed=seed)
        found.update(choice["text"] for choice in choices)
        assert {choice["finish_reason"] for choice in choices} == {"stop"}
    assert set(found) <= set(middles)
    expected = [DRAWN * weight / sum(weights) for weight in weights]
    squares = [(found[m] - e) ** 2 / e for m, e in zip(middles, expected, strict=True)]
    # Of a chi-square variable with k degrees of freedom the mean is k and the variance 2 k.
    freedom = len(middles) - 1
    assert sum(squares) < freedom + 5 * math.sqrt(2 * freedom)


def test_what_is_filled_in_has_the_models_own_logprobs(serving):
    ask = serving(SMALL)
    for choice in ask.choices(prompt="ab", suffix="ba", max_tokens=3, n=8, seed=1, logprobs=0):
        score = SMALL.score("ab" + choice["text"] + "ba")
        told = choice["logprobs"]
        assert told["tokens"] == list(choice["text"])
        end = 2 + len(choice["text"])
        assert told["token_logprobs"] == pytest.approx(list(score.logprobs[2:end]))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    "asked", [{"length": "4..6"}, {"suffix": "sh", "exclude": "m"}, {"contains": "es"}], ids=str
)
def test_conditions_give_the_documents_of_generate(model, asked, serving):
    ask = serving(model)
    for seed in range(3):
        documents = list(model.generate(3, prefix="la", seed=seed, **asked))
        choices = ask.choices(prompt="la", seed=seed, n=3, conditions=asked)
        assert ["la" + choice["text"] for choice in choices] == [each.text for each in documents]
        known = {"lengths": (4, 6)} if "length" in asked else asked
        assert all(Conditions(**known).met_by("la" + choice["text"], ()) for choice in choices)
        cut = ask.choices(prompt="la", seed=seed, n=3, conditions=asked, max_tokens=1)
        for short, choice in zip(cut, choices, strict=True):
            assert choice["text"].startswith(short["text"])


def test_conditions_that_are_too_rare_are_no_failure_of_the_server(serving, monkeypatch):
    monkeypatch.setattr("tokgen.exact.search.rejection.MOST_IN_VAIN", 256)
    ask = serving(text_model(table_model(WITHOUT_PIECES), WITHOUT_PIECES))
    error = ask.refused(422, prompt="a", conditions={"length": 60})
    assert (error.param, error.code) == ("conditions", "too_rare")
    assert "None of 256 drawn documents meets the conditions" in error.message
