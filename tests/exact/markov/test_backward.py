"""Backward passes against a dense linear solver, and their blocks against their definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from enumeration import over_letters, with_and_without_start
from enumeration import small_model as model
from hypothesis import given
from hypothesis import strategies as st

from tokgen.exact.condition_automata import literal, of_length
from tokgen.exact.markov.backward import (
    BEST_LOG_PROBABILITY,
    LOG_PROBABILITY,
    PROBABILITY,
    EndsTooRarelyError,
    blocks,
    ending_logprobs,
    ending_only,
    expected_sums,
    never_ending_mass,
    solve,
)
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on, restricted
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.exact.transitions import NOWHERE


@st.composite
def chains(draw):
    """Chains with any successors at all; rows need not sum to one."""
    states = draw(st.integers(1, 8))
    target = st.integers(NOWHERE, states - 1)
    rows = st.lists(st.tuples(target, target), min_size=states, max_size=states)
    successors = np.array([(*row, NOWHERE) for row in draw(rows)], np.int32)
    weights = np.random.default_rng(draw(st.integers(0, 99))).dirichlet([1, 1, 1], states)
    with np.errstate(divide="ignore"):
        logprobs = np.log(weights * 0.98)
    logprobs[:, :2][successors[:, :2] == NOWHERE] = -np.inf
    return MarkovChain(logprobs, successors, 2)


def moves(chain):
    """The matrix of going from state to state."""
    matrix = np.zeros((len(chain), len(chain)))
    for state, row in enumerate(chain.successors):
        for token, after in enumerate(row):
            if after != NOWHERE:
                matrix[state, after] += math.exp(chain.logprobs[state, token])
    return matrix


@given(chains())
def test_ending_probabilities_solve_the_linear_system(chain):
    ends = np.exp(chain.logprobs[:, chain.terminator_id])
    expected = np.linalg.solve(np.eye(len(chain)) - moves(chain), ends)
    np.testing.assert_allclose(solve(chain, PROBABILITY), expected, rtol=1e-11)
    np.testing.assert_allclose(solve(chain, LOG_PROBABILITY), np.log(expected), atol=1e-9)


@given(chains())
def test_best_completions_are_the_best_of_all_short_ways(chain):
    """A best way passes no state twice: it has at most as many tokens as there are states."""
    best = np.full(len(chain), -np.inf)
    for _ in range(len(chain) + 1):
        through = np.where(chain.successors == NOWHERE, -np.inf, best[chain.successors])
        ways = chain.logprobs + through
        ways[:, chain.terminator_id] = chain.logprobs[:, chain.terminator_id]
        best = ways.max(axis=1)
    np.testing.assert_allclose(solve(chain, BEST_LOG_PROBABILITY), best)


@given(chains())
def test_blocks_cover_all_states_and_never_lead_back(chain):
    found = blocks(chain.successors)
    assert [state for block in found for state in range(block.start, block.stop)] == list(
        range(len(chain))
    )
    for block in found:
        after = chain.successors[block]
        assert (after[after != NOWHERE] >= block.start).all()


@with_and_without_start
def test_a_condition_on_length_has_no_loops(started):
    allowed = over_letters(of_length(3, 7), started=started)
    joint = restricted(compile_chain(model(1, started=started)), allowed)
    found = blocks(joint.successors)
    assert len(found) == 8
    for block in found:
        after = joint.successors[block]
        assert ((after >= block.stop) | (after == NOWHERE)).all()


def test_what_never_ends_has_no_probability_of_ending():
    endless = MarkovChain(np.log([[0.5, 0.5], [1.0, 1e-300]]), np.array([[1, -1], [1, -1]]), 1)
    endless.logprobs[1, 1] = -np.inf
    np.testing.assert_allclose(np.exp(ending_logprobs(endless)), [0.5, 0.0])


def slowly_ending(ending, states=4):
    """Random moves among states, each of which ends with a probability of about `ending`."""
    random = np.random.default_rng(3)
    shares = np.exp(random.normal(size=(states, states)))
    ends = ending * random.uniform(0.5, 1.5, states)
    moves = shares / shares.sum(axis=1, keepdims=True) * (1 - ends[:, None])
    successors = np.tile(np.arange(states + 1), (states, 1))
    successors[:, -1] = NOWHERE
    return MarkovChain(np.log(np.c_[moves, ends]), successors.astype(np.int32), states)


@pytest.mark.parametrize("ending", [1e-3, 1e-6, 1e-8])
def test_ends_that_come_slowly_are_waited_for(ending):
    chain = slowly_ending(ending)
    np.testing.assert_allclose(solve(chain, PROBABILITY), 1.0, rtol=1e-6)
    assert ending_only(chain) is chain
    assert never_ending_mass(chain, chain) == 0
    tokens = np.linalg.solve(np.eye(len(chain)) - moves(chain), np.ones(len(chain)))
    np.testing.assert_allclose(expected_sums(chain, np.ones(len(chain))), tokens, rtol=1e-6)


def test_a_rare_condition_on_long_documents_has_its_probability():
    """Of documents of about a million letters the share 1e-4 ends so; a dense solver agrees."""
    chain = slowly_ending(1e-6)
    chain.logprobs[:, 4] += math.log(1e-4)
    expected = np.linalg.solve(np.eye(4) - moves(chain), np.exp(chain.logprobs[:, 4]))
    np.testing.assert_allclose(solve(chain, PROBABILITY), expected, rtol=1e-6)


@pytest.mark.parametrize("ending", [1e-11, 1e-25])
def test_what_cannot_be_told_in_double_precision_is_refused(ending):
    with pytest.raises(EndsTooRarelyError, match="the end is so improbable"):
        solve(slowly_ending(ending), PROBABILITY)


def test_a_probability_too_small_for_a_float_is_not_taken_for_impossible():
    """Two hundred times a token of probability 1e-3 is 1e-600, which no float64 holds."""
    chain = MarkovChain(np.log([[1e-3, 1 - 1e-3]]), np.array([[0, -1]], np.int32), 1)
    letters = of_pattern(literal("a" * 200))
    conditioned = condition_on(chain, TokenAutomaton.of(letters, [b"a", b""], 1))
    expected = 200 * math.log(1e-3) + math.log(1 - 1e-3)
    assert conditioned.logprob == pytest.approx(expected, rel=1e-12)
    (row,) = {tuple(np.exp(row)) for row in conditioned.chain.logprobs[:200]}
    assert row == pytest.approx((1.0, 0.0))
