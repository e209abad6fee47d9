from dataclasses import replace

import numpy as np
import pytest
from tokgen_clusters.sampler import NoClusters

from tokgen.plugin_api import History, SamplingContext, Vocabulary

VOCABULARY = Vocabulary(("a", "b", "n", "-"), terminator_id=3)
A, B, N, END = range(4)
EVEN = np.log([0.25, 0.25, 0.25, 0.25])


def applied(before, logprobs=EVEN, vocabulary=VOCABULARY, **options):
    context = SamplingContext("history", vocabulary, History.of([before]))
    sampler = NoClusters(NoClusters.Options(**options))
    return sampler.apply(logprobs[None], context)[0]


def left(row):
    return np.flatnonzero(row > -np.inf).tolist()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], [A, B, N, END]),
        ([B], [A, B, N, END]),
        ([B, N], [A, END]),
        ([A, B, N], [A, END]),
        ([B, N, A], [A, B, N, END]),
        ([B, A, N], [A, B, N, END]),
    ],
)
def test_a_third_consonant_in_a_row_is_removed(before, expected):
    row = applied(before)
    assert left(row) == expected
    np.testing.assert_array_equal(row[expected], EVEN[expected])


def test_the_options_say_how_many_and_which():
    assert left(applied([B], most=1)) == [A, END]
    assert left(applied([B, N], most=3)) == [A, B, N, END]
    assert left(applied([B, N], vowels="an")) == [A, B, N, END]


def test_a_row_without_another_token_stays():
    only_consonants = np.log([0.5, 0.5])
    only_b_and_n = np.array([-np.inf, *only_consonants, -np.inf])
    np.testing.assert_array_equal(applied([B, N], only_b_and_n), only_b_and_n)


def test_a_terminator_that_looks_like_a_letter_is_no_consonant():
    vocabulary = replace(VOCABULARY, symbols=("a", "b", "n", "z"))
    assert left(applied([B, N], vocabulary=vocabulary)) == [A, END]
