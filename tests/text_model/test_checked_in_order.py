"""The most probable under samplers, of which those are asked for that the model finds likely."""

from __future__ import annotations

import itertools
import math

import pytest
from overlapping import MODELS

from tokgen.errors import TooRareError
from tokgen.exact.conditions import Conditions
from tokgen.exact.scored_ids import ScoredIds
from tokgen.exact.search import rejection
from tokgen.exact.search.rejection import keep_in_order
from tokgen.exact.search.watch import searches
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.generation.scoring import drawn_logprobs
from tokgen.text_model.documents_in_order import most_probable

CHAINS = {
    "colder": parse_chain(["temperature:t=0.5"]),
    "truncated": parse_chain(["top_k:k=7"]),
}
ASKED = {"all": {}, "short ones": {"lengths": (1, 3)}}


@pytest.mark.parametrize("enough", [1, 10])
@pytest.mark.parametrize("more", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("name", MODELS)
def test_all_that_are_asked_for_come_in_order_and_then_the_end(
    name, chain, more, enough, monkeypatch
):
    monkeypatch.setattr(rejection, "ENOUGH_IN_VAIN", enough)
    model, conditions = MODELS[name], Conditions(min_logprob=-5.5, **more)
    likely = [each.tokens for each in most_probable(model.source(conditions=conditions))]
    logprobs = drawn_logprobs(model.model, chain, model.beginning(""), likely)
    pairs = zip(likely, logprobs.tolist(), strict=True)
    expected = {ids: logprob for ids, logprob in pairs if logprob > -math.inf}
    assert expected
    found = list(most_probable(model.source("", chain, conditions)))
    assert {each.tokens for each in found} == expected.keys()
    assert len(found) == len(expected)
    drawn = [expected[each.tokens] for each in found]
    assert drawn == pytest.approx(sorted(drawn, reverse=True), abs=1e-9)
    shifts = [each.logprob - expected[each.tokens] for each in found]
    assert shifts == pytest.approx([shifts[0]] * len(shifts), abs=1e-9)


def test_what_is_looked_at_in_vain_is_told_before_it_is_given_up(monkeypatch):
    monkeypatch.setattr(rejection, "MOST_IN_VAIN", 200)
    told, documents = [], (ScoredIds((number,), -1.0) for number in itertools.count())
    kept = keep_in_order(documents, lambda tokens: tokens[0] < 2)
    with searches.by(lambda *numbers: told.append(numbers)):
        assert [next(kept).tokens, next(kept).tokens] == [(0,), (1,)]
        with pytest.raises(TooRareError, match="None of the next 200 most probable documents"):
            next(kept)
    assert told == [(64, 200), (128, 200), (192, 200)]
