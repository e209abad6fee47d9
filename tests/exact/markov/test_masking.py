"""The figure that the README gives for local masking, computed from its definition."""

from __future__ import annotations

import numpy as np
import pytest

import tokgen
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import automaton_of
from tokgen.exact.markov.backward import ending_logprobs
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import kl_divergence
from tokgen.exact.transitions import NOWHERE, product


def locally_masked(chain, automaton):
    """Forbid tokens after which the condition is impossible, renormalise each row by itself."""
    pairs = product(chain, automaton)
    logprobs = chain.logprobs[pairs.first].copy()
    end = chain.terminator_id
    logprobs[~automaton.accepts(pairs.second), end] = -np.inf
    refused = pairs.successors == NOWHERE
    refused[:, end] = False
    logprobs[refused] = -np.inf
    hope = ending_logprobs(MarkovChain(logprobs, pairs.successors, end)) > -np.inf
    logprobs[(pairs.successors != NOWHERE) & ~hope[pairs.successors]] = -np.inf
    with np.errstate(all="ignore"):
        rows = logprobs - np.log(np.exp(logprobs).sum(axis=1, keepdims=True))
    rows[~hope] = -np.inf
    successors = np.where(rows == -np.inf, NOWHERE, pairs.successors).astype(np.int32)
    return MarkovChain(rows, successors, end)


def test_local_masking_is_nats_away_from_the_truth():
    model = tokgen.load("indian-names", model="mlp")
    chain = compile_chain(model.model)
    conditions = Conditions(lengths=(6, 6), suffix="sh")
    automaton = automaton_of(conditions, model.tokenizer, list)
    truth, masked = condition_on(chain, automaton).chain, locally_masked(chain, automaton)
    assert kl_divergence(truth, masked) == pytest.approx(1.7, abs=0.05)
    assert kl_divergence(masked, truth) == pytest.approx(2.2, abs=0.05)
