"""Samplers with a history, at every place of a session, against what follows from the rows."""

from __future__ import annotations

import numpy as np
import pytest
from brute_force import following
from hypothesis import given, settings
from hypothesis import strategies as st
from overlapping import Overlapping, Recurrent, session_of, table_model, text_model
from samplers import CHAINS

from tokgen.registry import load_tokenizer
from tokgen.rng import words
from tokgen.session import node
from tokgen.session.events import Distribution

TOKENIZER = Overlapping()
END = TOKENIZER.terminator_id
MODELS = {
    "table": text_model(table_model(TOKENIZER, 7), TOKENIZER),
    "recurrent": text_model(Recurrent(TOKENIZER.vocabulary, 7), TOKENIZER),
}
LINES = [
    "",
    "",
    ":back",
    ":back 2",
    ":forward",
    ":pick 1",
    ":pick 2",
    ":pick 5",
    ":pick 9",
    "la",
    "s",
]


def told(session, line):
    return list(session.handle(line))


def check(session, shown):
    """What is shown is what follows from the ids alone, whatever the way here."""
    place = session.state.place
    alone, final = following(
        session.state.model.model, session.state.settings.chain, place.typed.beginning, place.drawn
    )
    np.testing.assert_allclose(np.exp(shown.logprobs), alone, atol=1e-11)
    np.testing.assert_allclose(np.exp(shown.final_logprobs), final, atol=1e-11)
    assert shown.ids == place.drawn


def check_drawn(session, place, number):
    """The n-th draw from a place: inverse CDF of the n-th word of the seed law."""
    _, final = following(
        session.state.model.model, session.state.settings.chain, place.typed.beginning, place.drawn
    )
    word = int(words(session.state.settings.seed, len(place.drawn), np.array([number]))[0])
    levels = np.cumsum(final) / np.sum(final)
    return TOKENIZER.symbols[int(np.searchsorted(levels, (word >> 11) / 2**53, side="right"))]


@pytest.mark.parametrize("kept", [1, 64])
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("name", MODELS)
def test_every_place_has_its_true_history(name, chain, kept, monkeypatch):
    monkeypatch.setattr(node, "KEPT", kept)

    @settings(max_examples=12, deadline=None)
    @given(st.lists(st.sampled_from(LINES), max_size=12))
    def walk(lines):
        session = session_of(MODELS[name], CHAINS[chain])
        for line in lines:
            place, draws = session.state.place, session.state.draws[session.state.place]
            events = told(session, line)
            for event in events:
                if isinstance(event, Distribution):
                    check(session, event.next)
            if line == "":
                assert events[0].token == check_drawn(session, place, draws)

    walk()


@pytest.mark.parametrize("name", MODELS)
def test_a_forced_token_that_the_samplers_removed_has_the_models_surprisal(name):
    session = session_of(MODELS[name], CHAINS["mirostat"])
    (shown,) = told(session, "r")
    told(session, ":pick 1")
    removed = []
    for _ in range(6):
        shown = session.state.next()
        gone = [t for t in range(END) if shown.final_logprobs[t] == -np.inf]
        removed += gone[:1]
        token = gone[0] if gone else int(shown.logprobs[:END].argmax())
        sampled, shown = told(session, f":force {TOKENIZER.symbols[token]}")
        assert sampled.forced
        check(session, shown.next)
    assert removed


@pytest.mark.parametrize("name", ["mirostat", "dry", "xtc"])
def test_the_samplers_are_seen_to_work(name):
    session = session_of(MODELS["table"], CHAINS[name])
    changed = 0.0
    for line in [":force r", ":force a"] * 3:
        shown = told(session, line)[-1].next
        changed += np.abs(np.exp(shown.logprobs) - np.exp(shown.final_logprobs)).sum()
    assert changed > 0.1


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_enter_costs_one_step_however_long_the_prefix(chain):
    tokenizer = load_tokenizer("characters")()
    model = Recurrent(tokenizer.vocabulary, 3)
    session = session_of(text_model(model, tokenizer), chain, seed=8)
    before = model.read
    told(session, "shalini")
    assert model.read - before == len("shalini")
    for line, cost in (("", 1), ("", 1), (":back", 0), (":forward", 0), (":force z", 1)):
        before, drawn = model.read, session.state.place.drawn
        told(session, line)
        assert session.state.place.drawn != drawn
        assert model.read - before == cost, line
