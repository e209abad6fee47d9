"""The seed law: equal words for equal (seed, step, sequence), equal names from any batch."""

from __future__ import annotations

import numpy as np
import pytest
from models import CountingModel, TableModel

from tokgen import rng
from tokgen.generation.draw import draw
from tokgen.generation.grow import generate, grow
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain

GOLDEN_WORDS = [2391539541053276776, 920862675595841680, 12365375887819322540]
GOLDEN_TOKENS = [[2], [1, 0, 0, 1], [1, 2, 0, 2, 2, 1], [2, 3], [], []]


def splitmix64(state):
    """The generator as its paper prints it: the next state and its word."""
    mask = (1 << 64) - 1
    state = (state + 0x9E3779B97F4A7C15) & mask
    word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return state, word ^ (word >> 31)


def test_words_are_those_of_splitmix64_started_at_the_key():
    state = rng.key(7, 2, 0)
    expected = []
    for _ in range(5):
        state, word = splitmix64(state)
        expected.append(word)
    assert rng.words(7, 2, np.arange(5)).tolist() == expected


def test_words_of_each_are_the_words_of_its_seed_and_step():
    seeds, steps, sequences = [0, 7, 2**64 - 1, 7], [0, 3, 12, 4], np.array([0, 5, 2**40, 5])
    found = rng.words_of_each(rng.begun(seeds), np.array(steps), rng.positions(sequences))
    assert found.tolist() == [
        int(rng.words(seed, step, sequences[row : row + 1])[0])
        for row, (seed, step) in enumerate(zip(seeds, steps, strict=True))
    ]


def test_scheme_1_is_pinned():
    assert rng.SCHEME == 1
    assert rng.words(0, 0, np.arange(3)).tolist() == GOLDEN_WORDS
    model = TableModel.random(size=5, context=2, seed=3)
    grown = generate(model, SamplerChain(), Beginning(), 42, np.arange(6), 20)
    assert grown.tokens == GOLDEN_TOKENS


@pytest.mark.parametrize("model", [TableModel.random(6, 2), CountingModel(5)], ids=type)
@pytest.mark.parametrize("chain", ["", "top_p:p=0.9 temperature:t=1.5"])
@pytest.mark.parametrize("size", [1, 7])
def test_batches_of_any_size_make_the_same_documents(model, chain, size):
    samplers = parse_chain(chain.split())
    whole = generate(model, samplers, Beginning((0,)), 11, np.arange(10_000), 12)
    count = 10_000 if size == 7 else 500
    for begin in range(0, count, size):
        rows = np.arange(begin, min(begin + size, count))
        part = generate(model, samplers, Beginning((0,)), 11, rows, 12)
        assert part.tokens == whole.tokens[begin : begin + len(rows)]


def test_a_path_then_a_draw_is_the_draw_of_the_document():
    model = TableModel.random(5, 3)
    for sequence in range(20):
        alone = np.array([sequence])
        (tokens,) = generate(model, SamplerChain(), Beginning(), 3, alone, 30).tokens
        growth = Growth.at(model, SamplerChain(), Beginning(), tokens)
        words = rng.words(3, len(tokens), alone)
        drawn = draw(growth.final_logprobs, np.zeros(1, np.int64), words)
        assert drawn.tolist() == [model.vocabulary.terminator_id]


def test_draws_follow_the_distribution():
    """Chi-square over 200,000 draws with a fixed seed; the 0.999 quantile at 4 degrees is 18.5."""
    model = TableModel.random(5, 1)
    first = next(grow(model, SamplerChain(), Beginning(), 5, np.arange(200_000), 5))
    expected = np.exp(first.seen.logprobs[0]) * 200_000
    observed = np.bincount(first.tokens, minlength=5)
    assert ((observed - expected) ** 2 / expected).sum() < 18.5
