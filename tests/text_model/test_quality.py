"""Documents that are probable enough: those of the seed that are, and the share that is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tokgen
from tokgen.errors import RequestError
from tokgen.exact.condition_syntax import parse_conditions
from tokgen.exact.conditions import Conditions
from tokgen.exact.likeliest_share import Known, LikeliestShare
from tokgen.text_model.quality import DRAWN


@pytest.fixture(scope="module", params=["mlp", "gru"])
def model(request):
    return tokgen.load("indian-names", request.param)


@pytest.mark.parametrize("asked", [{}, {"temperature": 1.5}, {"prefix": "ra"}], ids=str)
def test_they_are_those_of_the_seed_that_are_probable_enough(model, asked):
    kept = [each.text for each in model.generate(20, seed=4, min_logprob=-15, **asked)]
    drawn = model.generate(400, seed=4, **asked)
    assert kept == [each.text for each in drawn if each.logprob >= -15][:20]


def test_they_are_different_and_meet_other_conditions(model):
    asked = {"seed": 1, "min_logprob": -16, "suffix": "a", "novel": True}
    kept = [*model.generate(30, unique=True, **asked)]
    assert len({each.text for each in kept}) == 30
    assert all(each.logprob >= -16 and each.text.endswith("a") for each in kept)
    assert not {each.text for each in kept} & model.known


def test_the_most_probable_come_to_an_end_where_they_are_not_probable_enough(model):
    listed = [each.logprob for each in model.top(60)]
    kept = [each.logprob for each in model.top(min_logprob=listed[39])]
    assert kept == pytest.approx([each for each in listed if each >= listed[39] - 1e-9])


def test_a_quality_is_a_least_log_probability(model):
    found = model.likeliest(0.2)
    assert [*model.generate(10, seed=2, quality=0.2)] == [
        *model.generate(10, seed=2, min_logprob=found.least_logprob)
    ]


def test_the_stricter_of_both_holds(model):
    cut = model.likeliest(0.2).least_logprob
    kept = model.generate(10, seed=2, quality=0.2, min_logprob=cut + 1)
    assert all(each.logprob >= cut + 1 for each in kept)


def test_without_a_window_the_cut_is_a_quantile_of_what_is_drawn():
    model = tokgen.load("indian-names", "gru")
    found = model.likeliest(0.3)
    logprobs = sorted((each.logprob for each in model.generate(DRAWN, seed=0)), reverse=True)
    assert found.known is Known.estimated
    assert found.least_logprob == pytest.approx(logprobs[int(0.3 * DRAWN) - 1])
    half = 1.959964 * math.sqrt(0.3 * 0.7 / DRAWN)
    assert (found.least, found.most) == pytest.approx((0.3 - half, 0.3 + half), abs=1e-5)


def test_few_names_hold_a_small_share_and_are_listed():
    model = tokgen.load("indian-names", "mlp")
    found = model.likeliest(0.02)
    likeliest = []
    for each in model.top():
        likeliest.append(each.logprob)
        if math.fsum(map(math.exp, likeliest)) >= 0.02:
            break
    assert found.known is Known.exact
    assert found.least_logprob == pytest.approx(likeliest[-1])
    assert found.least == pytest.approx(np.exp(likeliest).sum())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"min_logprob": 1.0}, "A log-probability is a number of nats, at most 0, not 1."),
        ({"min_logprob": -math.inf}, "A log-probability is a number of nats, at most 0, not -inf."),
        ({"min_logprob": math.nan}, "A log-probability is a number of nats, at most 0, not nan."),
        *[
            (
                {"quality": share},
                "A quality is a share of the model's probability, above 0 and below 1, "
                f"not {share:g}.",
            )
            for share in (0.0, 1.0, 90.0, -0.5, math.nan)
        ],
    ],
)
def test_what_is_no_number_for_it_is_refused(asked, said):
    with pytest.raises(RequestError) as refused:
        Conditions(**asked)
    assert str(refused.value) == said


def test_they_are_written_like_other_conditions():
    words = ["min-logprob=-12.5", "quality=0.9", "length=5"]
    assert parse_conditions(words) == Conditions((5, 5), min_logprob=-12.5, quality=0.9)
    with pytest.raises(RequestError, match="The condition quality is a number, not 'high'"):
        parse_conditions(["quality=high"])


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Known.exact, "hold 90.0 % of the model's probability, exactly."),
        (Known.bracketed, "hold between 90.0 % and 91.1 % of the model's probability."),
    ],
)
def test_the_cut_is_told_by_bounds_that_are_rounded_to_their_sides(known, said):
    told = LikeliestShare(-62.9734, 0.90049, 0.91012, known).told
    assert told == f"Documents with a log-probability of -62.973 nats or more {said}"
