"""Numbers of states against a dictionary, whether they come one by one or many at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.exact.state_numbers import StateNumbers, TooManyStates

codes = st.lists(st.integers(0, 40) | st.integers(0, 1 << 62), max_size=12)


@given(st.lists(codes, max_size=40))
def test_a_code_keeps_the_number_that_it_had_first(rounds):
    numbers, expected = StateNumbers(1000), {}
    for given_codes in rounds:
        new = sorted(set(given_codes) - set(expected))
        expected |= {code: len(expected) + place for place, code in enumerate(new)}
        numbered = numbers.number(np.array(given_codes, np.int64))
        assert numbered.states.tolist() == [expected[code] for code in given_codes]
        assert [given_codes[place] for place in numbered.fresh.tolist()] == new
    assert len(numbers) == len(expected)


def test_more_than_there_may_be_are_refused():
    numbers = StateNumbers(3)
    numbers.number(np.array([5, 6, 5]))
    numbers.number(np.array([6, 7]))
    with pytest.raises(TooManyStates, match="more than 3 states"):
        numbers.number(np.array([8]))
