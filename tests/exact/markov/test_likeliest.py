"""The likeliest documents that hold a share of the mass: against counting them by hand.

With one state, what a document costs depends on how many of each letter it has, so that all
documents of one composition can be counted by a binomial coefficient.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from enumeration import enumerate_documents, small_model
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tokgen.exact.likeliest_share import Known
from tokgen.exact.markov import likeliest
from tokgen.exact.markov.best_first import top
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.likeliest import likeliest_of_chain
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.mass_by_cost import MassByCost
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain

MEMORY = 1 << 28
LONGEST = 120


def of_one_state(a, b):
    """Two letters and an end, always with the same probabilities."""
    return MarkovChain(np.log([[a, b, 1 - a - b]]), np.array([[0, 0, -1]], np.int32), 2)


def compositions(a, b):
    """The log-probability of one document and the mass of all, for each composition."""
    for length in range(LONGEST):
        for count in range(length + 1):
            one = count * math.log(a) + (length - count) * math.log(b) + math.log(1 - a - b)
            yield one, math.comb(length, count) * math.exp(one)


def mass_from(cut, a, b):
    return math.fsum(mass for one, mass in compositions(a, b) if one >= cut - 1e-9)


two_letters = st.tuples(st.floats(0.05, 0.45), st.floats(0.05, 0.45))


@settings(deadline=None, max_examples=20)
@given(two_letters, st.floats(0.02, 0.5))
def test_few_documents_are_listed_and_the_cut_is_exact(letters, share):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeliest, "ENUMERATED_AT_MOST", 1_000)
        found = likeliest_of_chain(of_one_state(*letters), share, MEMORY)
    assume(found.known is Known.exact)
    assert found.least == found.most == pytest.approx(mass_from(found.least_logprob, *letters))
    better = [one for one, _ in compositions(*letters) if one > found.least_logprob + 1e-9]
    # Without the documents that are just at the cut, the share is not reached.
    assert mass_from(min(better, default=0.0), *letters) < share + 1e-9
    assert found.least >= share


@settings(deadline=None, max_examples=10)
@given(two_letters, st.floats(0.02, 0.95))
def test_a_bracket_holds_the_mass(letters, share):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeliest, "ENUMERATED_AT_MOST", 0)
        patch.setattr(likeliest, "MOST_STEPS", 300)
        found = likeliest_of_chain(of_one_state(*letters), share, MEMORY)
    assert found.known is Known.bracketed
    true = mass_from(found.least_logprob, *letters)
    assert share <= found.least <= true + 1e-9
    assert true <= found.most + 1e-9
    assert found.most - found.least < 0.3


def test_the_mass_of_a_larger_model_against_all_its_documents():
    model = small_model(seed=5)
    chain = compile_chain(model, SamplerChain(), Beginning(model.vocabulary.beginning), 1_000)
    exact = enumerate_documents(model).values()
    step = 0.05
    at_least, at_most = (MassByCost(chain, step, rounding) for rounding in (np.ceil, np.floor))
    for steps in range(0, 200, 7):
        true = math.fsum(one for one in exact if -math.log(one) <= steps * step + 1e-9)
        # What is longer than what is enumerated only adds to the mass.
        assert at_least.at(steps) <= true + (1 - math.fsum(exact)) + 1e-9
        assert at_most.at(steps) >= true - 1e-9


def test_tokens_that_cost_nothing_are_followed():
    # The first letter is almost certain: rounded down it costs no step.
    chain = of_one_state(0.97, 0.01)
    found = MassByCost(chain, 1.0, np.floor)
    # Documents of the first letter alone, and of one other: each of those costs 4 steps more.
    alone = 0.02 / (1 - 0.97)
    assert found.at(3) == pytest.approx(alone)
    assert found.at(7) == pytest.approx(alone + 0.01 / (1 - 0.97) * alone)


def test_a_share_that_no_documents_hold_is_not_found():
    # Half of the mass never ends.
    logprobs = np.log([[0.5, 1e-300, 0.5], [1e-300, 1 - 1e-9, 1e-9]])
    chain = MarkovChain(logprobs, np.array([[1, 1, -1], [1, 1, -1]], np.int32), 2)
    assert likeliest_of_chain(chain, 0.4, MEMORY).known is Known.exact
    assert likeliest_of_chain(chain, 0.9, MEMORY) is None


def test_documents_in_order_reach_the_share_no_sooner():
    chain = of_one_state(0.3, 0.2)
    found = likeliest_of_chain(chain, 0.8, MEMORY)
    masses = itertools.accumulate(math.exp(each.logprob) for each in top(chain))
    count = next(number for number, mass in enumerate(masses, start=1) if mass >= 0.8)
    last = [each.logprob for each in itertools.islice(top(chain), count)][-1]
    assert found.least_logprob == pytest.approx(last)
