"""A chain with its length counted, against the same with a state for each length written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from enumeration import SIZES, enumerate_documents, over_letters, small_model

from tokgen.errors import RequestError
from tokgen.exact.condition_automata import literal, of_length
from tokgen.exact.markov import count_layers
from tokgen.exact.markov.best_first import in_order, top
from tokgen.exact.markov.compilation import compile_chain
from tokgen.exact.markov.conditioned_chain import condition_on, position_marginals, restricted
from tokgen.exact.markov.counted_chain import CountedChain
from tokgen.exact.markov.counted_statistics import describe_counted, marginals_of_counted
from tokgen.exact.markov.drawing import with_replacement
from tokgen.exact.markov.markov_chain import MarkovChain
from tokgen.exact.markov.statistics import describe
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.state_numbers import TooManyStates
from tokgen.exact.text_automaton import all_of

MEMORY = 1 << 26
ENDING = of_pattern([None, *literal("ba")])
LENGTHS = [(0, 0), (3, 3), (2, 5), (0, 4), (3, None), (60, 60), (40, 300), (200, None)]
# After an a comes a b and after a b an a: what can still come has a period of two.
TURNS = MarkovChain(
    np.log(np.array([[0.5, 0.2, 0.3], [1e-300, 0.9, 0.1], [0.6, 1e-300, 0.4]])),
    np.array([[1, 2, -1], [-1, 2, -1], [1, -1, -1]], np.int32),
    2,
)


def both(chain, lengths, ending=True):
    parts = [of_length(*lengths), *([ENDING] if ending else [])]
    core = restricted(chain, over_letters(parts[-1] if ending else of_length(0, None)))
    explicit = condition_on(chain, over_letters(all_of(parts)))
    return CountedChain.of(core, lengths, MEMORY), explicit


@pytest.fixture(scope="module", params=[0, 1])
def chain(request):
    return compile_chain(small_model(request.param))


@pytest.mark.parametrize("lengths", [each for each in LENGTHS if each != (0, 0)])
def test_counting_a_length_is_writing_it_out(chain, lengths):
    counted, explicit = both(chain, lengths)
    assert counted.logprob == pytest.approx(explicit.logprob, rel=1e-9)
    ours = list(with_replacement(counted, 1, np.arange(300)))
    theirs = list(with_replacement(explicit.chain, 1, np.arange(300)))
    assert [each.tokens for each in ours] == [each.tokens for each in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.logprob == pytest.approx(other.logprob, rel=1e-9)
        assert counted.document_logprob(one.tokens) == pytest.approx(one.logprob, rel=1e-9)
    first = list(itertools.islice(in_order(counted, counted.best_completions()), 40))
    for one, other in zip(first, itertools.islice(top(explicit.chain), 40), strict=True):
        assert one.logprob == pytest.approx(other.logprob, rel=1e-9)


@pytest.mark.parametrize("lengths", [each for each in LENGTHS if each != (0, 0)])
def test_its_figures_are_those_of_the_states_written_out(chain, lengths):
    counted, explicit = both(chain, lengths)
    ours, theirs = describe_counted(counted), describe(explicit.chain, SIZES)
    assert ours.entropy_bits == pytest.approx(theirs.entropy_bits, rel=1e-9)
    assert ours.expected_length == pytest.approx(theirs.expected_length, rel=1e-9)
    for length, mass in theirs.lengths.items():
        assert ours.lengths.get(length, 0.0) == pytest.approx(mass, abs=1e-12)
    marginals = marginals_of_counted(counted, 2.0, 5)
    expected = position_marginals(explicit.chain, len(marginals))
    np.testing.assert_allclose(marginals, expected, atol=1e-12)


@pytest.mark.parametrize("lengths", [(0, 0), (3, 3), (2, 5), (0, 8)])
def test_its_mass_is_that_of_the_documents_written_down(lengths):
    model = small_model(4)
    counted, _ = both(compile_chain(model), lengths, ending=False)
    shortest, longest = lengths
    found = enumerate_documents(model, 8).items()
    expected = math.fsum(p for tokens, p in found if shortest <= len(tokens) <= longest)
    assert math.exp(counted.logprob) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("lengths", [(7, 7), (200, 200), (201, 230), (100, None)])
def test_a_chain_that_takes_turns(lengths):
    counted, explicit = both(TURNS, lengths, ending=False)
    assert counted.logprob == pytest.approx(explicit.logprob, rel=1e-9)
    ours = [each.tokens for each in with_replacement(counted, 1, np.arange(50))]
    assert ours == [each.tokens for each in with_replacement(explicit.chain, 1, np.arange(50))]


def test_few_vectors_stand_for_thousands_of_lengths(chain):
    counted, _ = both(chain, (60, 60))
    long = CountedChain.of(counted.core, (4096, 4096), MEMORY)
    assert len(long.layers.vectors) < 100
    # Each token more has the same factor, so that the logarithm falls on a line.
    steps = [CountedChain.of(counted.core, (n, n), MEMORY).logprob for n in (3000, 3001)]
    expected = steps[0] + 1096 * (steps[1] - steps[0])
    assert long.logprob == pytest.approx(expected, rel=1e-9)


def test_what_cannot_be_is_refused(chain):
    with pytest.raises(RequestError, match="No document"):
        CountedChain.of(restricted(chain, over_letters(of_pattern(literal("ab")))), (3, 3), MEMORY)


def test_a_length_that_does_not_fit_is_refused_with_the_one_that_would(chain, monkeypatch):
    monkeypatch.setattr(count_layers, "STANDS_STILL", -1.0)
    core = restricted(chain, over_letters(ENDING))
    memory = 2 * 8 * len(core) * 50
    with pytest.raises(TooManyStates, match="100 characters does not fit: 49 would"):
        CountedChain.of(core, (100, 100), memory)
    assert CountedChain.of(core, (49, 49), memory).logprob < 0
