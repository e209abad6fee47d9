"""Samplers that remember, against transformers' processors or loops over what was drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokgen_samplers.bias import Ban, LogitBias, MinLength
from tokgen_samplers.mirostat import Mirostat
from tokgen_samplers.penalties import FrequencyPenalty, PresencePenalty, RepetitionPenalty
from tokgen_samplers.repeats import DRY, NoRepeatNgram
from transformers import (
    MinNewTokensLengthLogitsProcessor,
    NoBadWordsLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SequenceBiasLogitsProcessor,
)

from tokgen.arrays import normalised
from tokgen.errors import RequestError
from tokgen.plugin_api import Branches, History, SamplingContext, Vocabulary
from tokgen.registry import load_sampler

VOCABULARY = Vocabulary(("a", "b", "c", "sh", "-"), terminator_id=4)
A, B, C, SH, END = range(5)
LOGPROBS = normalised(np.array([[0.3, -1.2, 0.9, -0.4, 0.1]]))
ids = st.lists(st.integers(0, 3), max_size=12)
logits = st.lists(st.floats(-8, 8), min_size=5, max_size=5)


def applied(sampler, drawn=(), before=(), logprobs=LOGPROBS, **options):
    history = History.of([list(drawn)], before)
    made = sampler(sampler.Options(**options))
    return made.apply(logprobs, SamplingContext(made.needs, VOCABULARY, history))


def theirs(processor, read, logprobs):
    read = torch.tensor([list(read)], dtype=torch.long).reshape(1, -1)
    return processor(read, torch.from_numpy(logprobs.copy())).numpy()


@given(ids, ids, logits, st.floats(0.2, 3))
def test_repetition_penalty_reads_the_prefix_too(before, drawn, row, penalty):
    logprobs = normalised(np.array([row]))
    expected = theirs(RepetitionPenaltyLogitsProcessor(penalty), before + drawn, logprobs)
    ours = applied(RepetitionPenalty, drawn, before, logprobs, penalty=penalty)
    np.testing.assert_allclose(ours, expected)
    alone = theirs(RepetitionPenaltyLogitsProcessor(penalty), drawn, logprobs)
    without = applied(RepetitionPenalty, drawn, before, logprobs, penalty=penalty, prefix=False)
    np.testing.assert_allclose(without, alone)


@given(ids, ids, st.floats(-2, 2))
def test_frequency_and_presence_count_what_was_drawn(before, drawn, penalty):
    by_count = [LOGPROBS[0, token] - penalty * drawn.count(token) for token in range(5)]
    np.testing.assert_allclose(
        applied(FrequencyPenalty, drawn, before, penalty=penalty)[0], by_count
    )
    by_presence = [LOGPROBS[0, token] - penalty * (token in drawn) for token in range(5)]
    np.testing.assert_allclose(
        applied(PresencePenalty, drawn, before, penalty=penalty)[0], by_presence
    )
    whole = [LOGPROBS[0, token] - penalty * (before + drawn).count(token) for token in range(5)]
    ours = applied(FrequencyPenalty, drawn, before, penalty=penalty, prefix=True)[0]
    np.testing.assert_allclose(ours, whole)


@given(ids, ids, st.integers(1, 4))
def test_no_repeat_ngram(before, drawn, size):
    expected = theirs(NoRepeatNGramLogitsProcessor(size), before + drawn, LOGPROBS)
    np.testing.assert_array_equal(applied(NoRepeatNgram, drawn, before, size=size), expected)


def test_a_row_in_which_all_would_repeat_stays():
    logprobs = np.array([[math.log(0.5), math.log(0.5), -np.inf, -np.inf, -np.inf]])
    np.testing.assert_array_equal(applied(NoRepeatNgram, [A, B], (), logprobs, size=1), logprobs)


def would_repeat(read, token, breakers):
    """How many tokens at the end of what was read, with `token` behind them, stand there before."""
    longest = 0
    for length in range(1, len(read) + 1):
        if breakers & {*read[-length:], token}:
            break
        sequence = [*read[-length:], token]
        places = range(len(read) - length)
        if any(read[place : place + length + 1] == sequence for place in places):
            longest = length
    return longest


@given(ids, ids, st.integers(1, 3), st.sampled_from(["", "c", "hb"]))
def test_dry_penalises_what_goes_on_with_a_repetition(before, drawn, allowed, breakers):
    barred = {t for t, symbol in enumerate(VOCABULARY.symbols) if set(symbol) & set(breakers)}
    expected = LOGPROBS[0].copy()
    for token in range(5):
        length = would_repeat(before + drawn, token, barred | {END})
        if length >= allowed:
            expected[token] -= 0.8 * 1.75 ** (length - allowed)
    options = {"multiplier": 0.8, "allowed": allowed, "breakers": breakers}
    np.testing.assert_allclose(applied(DRY, drawn, before, **options)[0], expected)


def test_dry_by_hand():
    """After `abcab` a c would make `abc` stand there twice: two tokens go before it."""
    changed = applied(DRY, [A, B, C, A, B], multiplier=1, base=2, allowed=1)[0] - LOGPROBS[0]
    np.testing.assert_allclose(changed, [0, 0, -2, 0, 0])


def test_a_long_repetition_is_no_overflow():
    drawn = [A, B] * 600
    changed = applied(DRY, drawn, multiplier=1, base=10)
    assert np.isfinite(changed).all()
    assert changed[0, A] < -1e5


@given(st.lists(st.floats(0.01, 12), max_size=8), st.floats(0.5, 5), st.floats(0, 1))
def test_mirostat_moves_its_limit_by_what_was_drawn(surprisals, tau, eta):
    """The loop of the paper's second algorithm, in bits."""
    mu = 2 * tau
    for surprisal in surprisals:
        mu -= eta * (surprisal - tau)
    nats = [[surprisal * math.log(2) for surprisal in surprisals]]
    history = History.of([[A] * len(surprisals)], surprisal_drawn=nats)
    made = Mirostat(Mirostat.Options(tau=tau, eta=eta))
    changed = made.apply(LOGPROBS, SamplingContext("history", VOCABULARY, history))[0]
    bits = -LOGPROBS[0] / math.log(2)
    if np.abs(bits - mu).min() > 1e-9:
        expected = (bits <= mu) | (bits == bits.min())
        np.testing.assert_array_equal(changed > -np.inf, expected)


@given(ids, st.integers(0, 9))
def test_min_length_counts_what_was_drawn(drawn, n):
    processor = MinNewTokensLengthLogitsProcessor(0, n, END, device="cpu")
    expected = theirs(processor, drawn, LOGPROBS)
    np.testing.assert_array_equal(applied(MinLength, drawn, n=n), expected)


def test_logit_bias():
    expected = theirs(SequenceBiasLogitsProcessor([[[A], 1.5], [[END], -2.0]]), [], LOGPROBS)
    ours = applied(LogitBias, bias={"a": 1.5, "-": -2})
    np.testing.assert_allclose(ours, expected)
    with pytest.raises(RequestError, match="There is no token 'q'"):
        applied(LogitBias, bias={"q": 1})


def test_ban():
    expected = theirs(NoBadWordsLogitsProcessor([[B], [SH]], END), [], LOGPROBS)
    np.testing.assert_array_equal(applied(Ban, letters="hb"), expected)
    np.testing.assert_array_equal(applied(Ban, tokens=("b", "sh")), expected)
    np.testing.assert_array_equal(applied(Ban, letters="-"), LOGPROBS)
    assert applied(Ban, tokens=("-",))[0, END] == -np.inf


def test_what_alone_is_possible_is_not_banned():
    only_b = np.array([[-np.inf, 0.0, -np.inf, -np.inf, -np.inf]])
    np.testing.assert_array_equal(applied(Ban, (), (), only_b, letters="b"), only_b)
    only_end = np.array([[-np.inf, -np.inf, -np.inf, -np.inf, 0.0]])
    np.testing.assert_array_equal(applied(MinLength, (), (), only_end, n=3), only_end)


def test_xtc_keeps_both_outcomes_of_its_coin():
    sampler = load_sampler("xtc")
    both = applied(sampler, probability=0.3, threshold=0.2)
    assert isinstance(both, Branches)
    (chance, without), (rest, same) = both.branches
    assert (chance, rest) == (0.3, 0.7)
    np.testing.assert_array_equal(same, LOGPROBS)
    assert without[0, C] == -np.inf
    np.testing.assert_array_equal(applied(sampler, probability=1, threshold=0.2), without)
    np.testing.assert_array_equal(applied(sampler, probability=0), LOGPROBS)


def test_a_start_id_is_no_token_of_the_text():
    started = Vocabulary((*VOCABULARY.symbols, "^"), terminator_id=END, start_id=5)
    sampler = RepetitionPenalty(RepetitionPenalty.Options(penalty=2))
    logprobs = np.hstack([LOGPROBS, [[-np.inf]]])
    context = SamplingContext("history", started, History.of([[A]], before=[5]))
    changed = sampler.apply(logprobs, context)
    assert changed[0, 5] == -np.inf
    np.testing.assert_array_equal(np.flatnonzero(changed[0] != logprobs[0]), [A])
