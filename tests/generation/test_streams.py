"""Streams draw what `grow` draws, whoever else is there, comes or goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models import CountingModel, TableModel
from overlapping import Recurrent
from samplers import chain_of

from tokgen.errors import RequestError
from tokgen.generation.grow import generate
from tokgen.generation.growth import Beginning
from tokgen.generation.sampler_chain import SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.generation.streams import Stream, Streams

TABLE = TableModel.random(5, 2)
MODELS = {
    "table": TABLE,
    "counting": CountingModel(5),
    "recurrent": Recurrent(TABLE.vocabulary),
}
CHAINS = {
    "none": SamplerChain(),
    "distribution": parse_chain(["top_p:p=0.9", "temperature:t=1.5"]),
    "position": parse_chain(["min_length:n=3"]),
    "branches": parse_chain(["xtc:threshold=0.1,probability=0.5"]),
}
ROOM = 9

asked = st.tuples(
    st.lists(st.integers(0, 3), max_size=4),
    st.integers(0, 2**64 - 1),
    st.integers(0, 1000),
    st.integers(0, 4),
)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@settings(max_examples=10, deadline=None)
@given(everyone=st.lists(asked, min_size=1, max_size=6))
def test_each_draws_what_it_draws_alone(model, chain, everyone):
    """Each joins at its own time and leaves when it ends, or after 9 tokens."""
    streams, rows, drawn = Streams(model, chain), [], {}
    for time in range(4 + ROOM):
        for number, (ids, seed, sequence, joins_at) in enumerate(everyone):
            if joins_at == time:
                streams.join([Stream.begin(Beginning(tuple(ids)), model, seed, sequence)])
                rows.append(number)
                drawn[number] = []
        if not rows:
            continue
        step, kept = streams.step(), []
        for row, (number, token) in enumerate(zip(rows, step.tokens.tolist(), strict=True)):
            drawn[number].append(token)
            if token != model.vocabulary.terminator_id and len(drawn[number]) < ROOM:
                kept.append(row)
        streams.go_on(np.array(kept, np.int64), step)
        rows = [rows[row] for row in kept]
        assert len(streams) == len(rows)
    for number, (ids, seed, sequence, _) in enumerate(everyone):
        alone = generate(model, chain, Beginning(tuple(ids)), seed, np.array([sequence]), ROOM)
        end = [model.vocabulary.terminator_id] if alone.finished[0] else []
        assert drawn[number] == [*alone.tokens[0], *end][:ROOM]


def test_a_stream_goes_on_elsewhere():
    streams = Streams(TABLE, SamplerChain())
    streams.join([Stream.begin(Beginning((0, 1)), TABLE, 5, row) for row in range(8)])
    step = streams.step()
    kept = np.flatnonzero(step.tokens != TABLE.vocabulary.terminator_id)
    streams.go_on(kept, step)
    elsewhere = Streams(TABLE, SamplerChain())
    elsewhere.join([streams.stream(row) for row in range(len(streams))])
    here, there = streams.step(), elsewhere.step()
    assert here.tokens.tolist() == there.tokens.tolist()
    np.testing.assert_array_equal(here.logprobs, there.logprobs)


def test_all_may_leave_and_others_come():
    streams = Streams(TABLE, SamplerChain(), [Stream.begin(Beginning((0,)), TABLE, 1, 0)])
    streams.go_on(np.zeros(0, np.int64), streams.step())
    assert not len(streams)
    streams.join([Stream.begin(Beginning((3,)), TABLE, 1, 0)])
    assert streams.stream(0).ids == (3,)
    np.testing.assert_array_equal(
        streams.step().logprobs,
        Streams(TABLE, chain_of(), [Stream.begin(Beginning((3,)), TABLE, 9, 9)]).step().logprobs,
    )


def test_what_a_model_cannot_read_is_refused_and_changes_nothing():
    model = CountingModel(5)
    model.max_positions = 3
    streams = Streams(model, SamplerChain(), [Stream.begin(Beginning((0, 1, 2)), model, 1, 0)])
    with pytest.raises(RequestError):
        streams.join([Stream.begin(Beginning((0, 1, 2, 0)), model, 1, 0)])
    assert len(streams) == 1
    step = streams.step()
    with pytest.raises(RequestError):
        streams.go_on(np.zeros(1, np.int64), step)
    assert streams.stream(0).ids == (0, 1, 2)
