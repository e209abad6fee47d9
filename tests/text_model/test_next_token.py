"""What is shown of the next token, against what follows from the model's rows alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from brute_force import following
from hypothesis import given, settings
from hypothesis import strategies as st
from overlapping import MODELS, Overlapping, Recurrent, text_model
from samplers import CHAINS

from tokgen.generation.growth import Growth
from tokgen.text_model.next_token import next_token
from tokgen.text_model.results_json import next_as_json

TOKENIZER = Overlapping()


@pytest.mark.parametrize("prefix", ["", "s", "esh", "lash"])
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_is_shown_after_a_prefix_is_what_is_drawn(model, chain, prefix):
    shown = model.next(prefix, chain)
    alone, final = following(model.model, chain, model.beginning(prefix), [])
    np.testing.assert_allclose(np.exp(shown.logprobs), alone, atol=1e-12)
    np.testing.assert_allclose(np.exp(shown.final_logprobs), final, atol=1e-12)
    assert shown.prefix == prefix
    assert shown.labels == tuple(chained.label for chained in chain.samplers)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(MODELS)),
    st.sampled_from(sorted(CHAINS)),
    st.sampled_from(["", "l", "sh"]),
    st.lists(st.integers(0, 99), max_size=6),
)
def test_it_is_so_at_every_place(name, chain_name, prefix, choices):
    """Places reached by tokens of any rank that are possible, removed ones among them."""
    model, chain = MODELS[name], CHAINS[chain_name]
    beginning, drawn = model.beginning(prefix), []
    for choice in choices:
        alone, _ = following(model.model, chain, beginning, drawn)
        possible = [t for t, p in enumerate(alone) if p > 0 and t != model.tokenizer.terminator_id]
        drawn.append(possible[choice % len(possible)])
    growth = Growth.at(model.model, chain, beginning, drawn)
    shown = next_token(model.tokenizer, growth)
    alone, final = following(model.model, chain, beginning, drawn)
    np.testing.assert_allclose(np.exp(shown.logprobs), alone, atol=1e-12)
    np.testing.assert_allclose(np.exp(shown.final_logprobs), final, atol=1e-12)
    assert shown.ids == (*beginning.ids, *drawn)
    assert shown.start == len(beginning.ids)
    spelt = model.tokenizer.decode(drawn)
    assert shown.prefix == spelt + shown.rest_text
    assert shown.prefix.startswith(prefix)


def test_a_start_id_is_among_the_ids_and_not_in_the_text():
    tokenizer = Overlapping(started=True)
    model = text_model(Recurrent(tokenizer.vocabulary, 2), tokenizer)
    growth = Growth.at(model.model, CHAINS["all"], model.beginning("s"), [7, 3])
    shown = next_token(tokenizer, growth)
    assert (shown.ids, shown.start, shown.rest) == ((tokenizer.start_id, 7, 3), 1, b"")
    assert (shown.prefix, shown.context, shown.seen) == ("shl", "^shl", 3)


def test_json_tells_ids_and_what_is_still_to_be_spelt():
    model = MODELS["table"]
    growth = Growth.at(model.model, CHAINS["xtc"], model.beginning("lash"), [9])
    entry = next_as_json(next_token(TOKENIZER, growth), 1.0)
    assert list(entry) == [
        *["prefix", "ids", "rest", "context", "temperature", "entropy_bits", "next"],
        *["model", "stages"],
    ]
    assert (entry["prefix"], entry["ids"], entry["rest"]) == ("lash", [9], "sh")
    assert math.fsum(each["prob"] for each in entry["next"]) == pytest.approx(1)
    assert {each["token"] for each in entry["next"] if each["prob"] > 0} == {"s", "sh"}
