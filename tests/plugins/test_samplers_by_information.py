"""Truncation by information against transformers' warpers, or loops in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tokgen_samplers.dynamic_temperature import apply_dynamic_temperature
from tokgen_samplers.information import (
    apply_epsilon_cutoff,
    apply_eta_cutoff,
    apply_top_a,
    apply_top_h,
    apply_top_n_sigma,
    apply_typical_p,
    entropy,
)
from tokgen_samplers.xtc import apply_xtc
from transformers import EpsilonLogitsWarper, EtaLogitsWarper, TypicalLogitsWarper
from transformers.generation.logits_process import TopHLogitsWarper

from tokgen.arrays import normalised

INF = float("inf")
rows = st.lists(st.floats(-12, 12) | st.just(-INF), min_size=1, max_size=40).filter(
    lambda row: max(row) > -INF
)


def distribution(row):
    return normalised(np.array([row], dtype=np.float64))


def oracle(warper, logprobs):
    return normalised(warper(None, torch.from_numpy(logprobs.copy())).numpy())


def same(ours, theirs):
    np.testing.assert_array_equal(np.isneginf(ours), np.isneginf(theirs))
    np.testing.assert_allclose(np.exp(ours), np.exp(theirs), atol=1e-9)


def probabilities(logprobs):
    return np.exp(logprobs[0]).tolist()


def kept(logprobs):
    return set(np.flatnonzero(logprobs[0] > -INF).tolist())


def plain_entropy(logprobs):
    return -sum(p * math.log(p) for p in probabilities(logprobs) if p)


def far_from(values, bound):
    return all(abs(value - bound) > 1e-9 for value in values)


@given(rows, st.floats(0.01, 0.99))
def test_typical_p(row, p):
    logprobs = distribution(row)
    distances = np.abs(-logprobs[0] - plain_entropy(logprobs))
    finite = distances[np.isfinite(distances)]
    assume(len(np.unique(np.round(finite, 9))) == len(finite))
    reached = np.cumsum(np.exp(logprobs[0])[np.argsort(distances)])
    assume(far_from(reached, p))
    ours = normalised(apply_typical_p(logprobs, p))
    same(ours, oracle(TypicalLogitsWarper(p), logprobs))


def test_the_most_probable_token_may_be_less_typical():
    """Beside many rare tokens the one of probability 0.4 surprises too little."""
    logprobs = np.log(np.array([[0.4, *[0.6 / 40] * 40]]))
    assert 0 not in kept(apply_typical_p(logprobs, 0.3))


@given(rows, st.floats(1e-4, 0.9))
def test_epsilon_cutoff(row, epsilon):
    logprobs = distribution(row)
    assume(far_from(probabilities(logprobs), epsilon))
    ours = normalised(apply_epsilon_cutoff(logprobs, epsilon))
    same(ours, oracle(EpsilonLogitsWarper(epsilon), logprobs))


@given(rows, st.floats(1e-4, 0.9))
def test_eta_cutoff(row, epsilon):
    logprobs = distribution(row)
    eta = min(epsilon, math.sqrt(epsilon) * math.exp(-plain_entropy(logprobs)))
    assume(far_from(probabilities(logprobs), eta))
    ours = normalised(apply_eta_cutoff(logprobs, epsilon))
    same(ours, oracle(EtaLogitsWarper(epsilon, device="cpu"), logprobs))


@given(st.lists(st.integers(-9, 9), unique=True, min_size=1), st.floats(0.05, 0.99))
def test_top_h_of_at_most_a_hundred_tokens(row, h):
    """All different and none removed: there transformers' sums are numbers."""
    logprobs = distribution(row)
    ordered = np.sort(np.exp(logprobs[0]))[::-1]
    sums = np.cumsum(-ordered * np.log(ordered))
    assume(far_from(sums, h * plain_entropy(logprobs)))
    same(normalised(apply_top_h(logprobs, h)), oracle(TopHLogitsWarper(h), logprobs))


def test_top_h_sees_more_than_a_hundred_tokens():
    logprobs = np.log(np.full((1, 400), 1 / 400))
    assert len(kept(apply_top_h(logprobs, 0.501))) == 200
    limited = TopHLogitsWarper(0.501)(None, torch.from_numpy(logprobs)).numpy()
    assert len(kept(limited)) <= 100


@given(rows, st.floats(0.05, 4))
def test_top_n_sigma(row, n):
    logprobs = distribution(row)
    logits = [logit for logit in row if logit > -INF]
    mean = sum(logits) / len(logits)
    sigma = math.sqrt(sum((logit - mean) ** 2 for logit in logits) / len(logits))
    bound = max(logits) - n * sigma
    assume(far_from(logits, bound))
    expected = {token for token, logit in enumerate(row) if logit >= bound}
    assert kept(apply_top_n_sigma(logprobs, n)) == expected


@given(rows, st.floats(0.001, 1))
def test_top_a(row, a):
    logprobs = distribution(row)
    probs = probabilities(logprobs)
    bound = a * max(probs) ** 2
    assume(far_from(probs, bound))
    expected = {token for token, p in enumerate(probs) if p >= bound}
    assert kept(apply_top_a(logprobs, a)) == expected


@given(rows, st.floats(0.01, 0.6))
def test_xtc_removes_all_top_choices_but_the_last(row, threshold):
    logprobs = distribution(row)
    probs = probabilities(logprobs)
    assume(far_from(probs, threshold))
    ordered = sorted(range(len(row)), key=lambda token: (-probs[token], token))
    top = [token for token in ordered if probs[token] >= threshold]
    expected = {token for token in range(len(row)) if probs[token]} - set(top[:-1])
    assert kept(apply_xtc(logprobs, threshold)) == expected


@given(rows, st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.3, 3))
def test_dynamic_temperature(row, low, high, exponent):
    logprobs = distribution(row)
    remaining = sum(p > 0 for p in probabilities(logprobs))
    share = plain_entropy(logprobs) / math.log(remaining) if remaining > 1 else 0
    t = low + (high - low) * min(share, 1) ** exponent
    expected = normalised(logprobs / t)
    ours = normalised(apply_dynamic_temperature(logprobs, low, high, exponent))
    np.testing.assert_allclose(np.exp(ours), np.exp(expected), atol=1e-9)


def test_a_sure_row_becomes_greedy_where_low_is_zero():
    sure, even = [0.0, -INF, -INF], [math.log(1 / 3)] * 3
    changed = np.exp(normalised(apply_dynamic_temperature(np.array([sure, even]), 0, 2, 1)))
    np.testing.assert_allclose(changed, [[1, 0, 0], [1 / 3] * 3])


@given(rows)
def test_entropy(row):
    logprobs = distribution(row)
    assert entropy(logprobs)[0, 0] == pytest.approx(plain_entropy(logprobs), abs=1e-12)


NEUTRAL = [
    lambda logprobs: apply_typical_p(logprobs, 1),
    lambda logprobs: apply_epsilon_cutoff(logprobs, 0),
    lambda logprobs: apply_eta_cutoff(logprobs, 0),
    lambda logprobs: apply_top_n_sigma(logprobs, INF),
    lambda logprobs: apply_top_a(logprobs, 0),
    lambda logprobs: apply_dynamic_temperature(logprobs, 1, 1, 2),
]


@given(rows)
@pytest.mark.parametrize("neutral", NEUTRAL)
def test_neutral_options_change_nothing(neutral, row):
    logprobs = distribution(row)
    np.testing.assert_array_equal(neutral(logprobs), logprobs)
