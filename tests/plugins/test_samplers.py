"""Samplers against transformers' logits processors, over random and adversarial distributions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from models import symbols
from tokgen_samplers.temperature import apply_greedy, apply_temperature
from tokgen_samplers.truncation import apply_min_p, apply_top_k, apply_top_p
from transformers import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from tokgen.arrays import normalised
from tokgen.errors import RequestError
from tokgen.generation.draw import THRESHOLD_BITS, draw, thresholds
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.registry import load_sampler

INF = float("inf")
ADVERSARIAL = [
    [0.0],
    [0.0, -INF, -INF],
    [-1.0, -1.0, -1.0, -1.0],
    [0.0, -1e-12, -1e-12, -50.0],
    [-0.1, -3.0, -3.0, -INF, -3.0],
    [-700.0, -0.5, -700.0, -1.0],
]

logits = st.lists(st.floats(-30, 30) | st.just(-INF), min_size=1, max_size=40).filter(
    lambda row: max(row) > -INF
)

VOCABULARY = symbols(5)


def distribution(row):
    return normalised(np.array([row], dtype=np.float64))


def oracle(warper, logprobs):
    return normalised(warper(None, torch.from_numpy(logprobs.copy())).numpy())


def same(ours, theirs):
    np.testing.assert_array_equal(np.isneginf(ours), np.isneginf(theirs))
    np.testing.assert_allclose(np.exp(ours), np.exp(theirs), atol=1e-12)


def no_ties(logprobs):
    finite = logprobs[np.isfinite(logprobs)]
    return len(finite) == len(np.unique(np.round(finite, 9)))


@given(logits, st.floats(0.05, 20))
def test_temperature(row, t):
    logprobs = distribution(row)
    same(normalised(apply_temperature(logprobs, t)), oracle(TemperatureLogitsWarper(t), logprobs))


@given(logits, st.integers(1, 45))
def test_top_k_without_ties(row, k):
    logprobs = distribution(row)
    if no_ties(logprobs):
        same(normalised(apply_top_k(logprobs, k)), oracle(TopKLogitsWarper(k), logprobs))


@given(logits, st.integers(1, 45))
def test_top_k_keeps_exactly_k_and_breaks_ties_by_id(row, k):
    logprobs = distribution(row)
    kept = np.isfinite(apply_top_k(logprobs, k)[0])
    order = sorted(range(len(row)), key=lambda token: (-logprobs[0, token], token))
    expected = {token for token in order[:k] if np.isfinite(logprobs[0, token])}
    assert set(np.flatnonzero(kept)) == expected


@given(logits, st.floats(0.01, 0.99))
def test_top_p(row, p):
    logprobs = distribution(row)
    ordered = np.sort(np.exp(logprobs[0]))[::-1]
    near_a_bound = np.abs(np.cumsum(ordered) - p).min() < 1e-9
    if no_ties(logprobs) and not near_a_bound:
        same(normalised(apply_top_p(logprobs, p)), oracle(TopPLogitsWarper(p), logprobs))


@given(logits, st.floats(0.001, 0.999))
def test_min_p(row, p):
    logprobs = distribution(row)
    ratios = np.exp(logprobs[0] - logprobs[0].max())
    if np.abs(ratios - p).min() > 1e-9:
        same(normalised(apply_min_p(logprobs, p)), oracle(MinPLogitsWarper(p), logprobs))


@pytest.mark.parametrize("row", ADVERSARIAL)
def test_limits_on_adversarial_rows(row):
    logprobs = distribution(row)
    one_hot = np.full_like(logprobs, -INF)
    one_hot[0, int(np.argmax(row))] = 0.0
    same(apply_greedy(logprobs), one_hot)
    same(apply_temperature(logprobs, 0.0), one_hot)
    same(apply_top_k(logprobs, 1), np.where(np.isfinite(one_hot), logprobs, -INF))
    uniform = np.where(np.isfinite(logprobs), 0.0, -INF)
    same(normalised(apply_temperature(logprobs, INF)), normalised(uniform))
    same(apply_top_p(logprobs, 1.0), logprobs)
    same(apply_min_p(logprobs, 0.0), logprobs)
    for p in (1e-12, 0.3, 0.999999):
        assert np.isfinite(apply_top_p(logprobs, p)).any()
        assert np.isfinite(apply_min_p(logprobs, p)).any()


def test_temperature_next_to_zero_does_not_overflow():
    logprobs = distribution([-3.0, -1.0, -2.0])
    assert np.exp(normalised(apply_temperature(logprobs, 1e-300))[0]).tolist() == [0, 1, 0]


def test_order_is_that_of_the_chain():
    logprobs = distribution([3.0, 2.0, 1.0, 0.0])
    hot_first = parse_chain(["temperature:t=100", "top_p:p=0.6"]).final_logprobs(
        logprobs, VOCABULARY
    )
    hot_last = parse_chain(["top_p:p=0.6", "temperature:t=100"]).final_logprobs(
        logprobs, VOCABULARY
    )
    assert np.isfinite(hot_first).sum() == 3
    assert np.isfinite(hot_last).sum() == 1


def test_stages_are_normalised_and_pure():
    logprobs = distribution([3.0, 2.0, 1.0, 0.0])
    before = logprobs.copy()
    chain = parse_chain(["top_k:k=3", "temperature:t=0.5", "min_p:p=0.1"])
    for stage in chain.stages(logprobs, VOCABULARY):
        np.testing.assert_allclose(np.exp(stage).sum(axis=1), 1)
    np.testing.assert_array_equal(logprobs, before)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("top_q:p=0.9", "Did you mean 'top_p'?"),
        ("top_p:q=0.9", "has no option 'q'. There is: p."),
        ("top_p", "needs an option: write top_p:p=…"),
        ("top_p:p=1.5", "at most 1"),
        ("top_k:k=0", "at least 1"),
        ("top_k:k=two", "not 'two'"),
        ("temperature:t=-1", "at least 0"),
        ("top_k:k", "'k' is not key=value. Did you mean 'top_k:k=…'?"),
        ("top_k:3", "'3' is not key=value. Did you mean 'top_k:k=3'?"),
        ("greedy:3", "'3' is not key=value."),
        ("topk:3", "Did you mean 'top_k'?"),
        ("greedy:t=1", "takes none"),
    ],
)
def test_wrong_links_are_told(text, said):
    with pytest.raises(RequestError, match=r".") as raised:
        parse_chain([text])
    assert said in str(raised.value)


@given(logits, st.integers(0, 2**64 - 1))
def test_draw_is_the_inverse_cdf_and_never_impossible(row, word):
    logprobs = distribution(row)
    token = int(draw(logprobs, np.array([0]), np.array([word], dtype=np.uint64))[0])
    assert np.isfinite(logprobs[0, token])
    levels = thresholds(logprobs)[0].tolist()
    level = word >> (64 - THRESHOLD_BITS)
    assert (levels[token - 1] if token else 0) <= level < levels[token]


def test_draw_at_the_ends_of_the_range():
    logprobs = distribution([-INF, 0.0, -1.0, -INF])
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert draw(logprobs, np.zeros(2, np.int64), ends).tolist() == [1, 2]


@pytest.mark.parametrize("name", ["temperature", "top_p", "min_p"])
def test_neutral_options_change_nothing(name):
    sampler = load_sampler(name)
    logprobs = distribution([3.0, 2.0, 1.0, 0.0, -1.0])
    chain = parse_chain([f"{name}:{sampler.neutral.model_dump_json()}"])
    np.testing.assert_allclose(chain.final_logprobs(logprobs, VOCABULARY), logprobs, atol=1e-12)


def test_a_bare_name_that_would_change_nothing_is_refused():
    with pytest.raises(RequestError, match="give one, as temperature:t="):
        parse_chain(["temperature"])
