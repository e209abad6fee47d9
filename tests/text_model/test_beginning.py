"""Text that becomes ids once, and the text that ids spell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from overlapping import Overlapping, table_model, text_model

from tokgen.cli.opening import say_if_spelling_is_fixed
from tokgen.errors import RequestError
from tokgen.generation.growth import Beginning
from tokgen.text_model import beginning as beginning_module
from tokgen.text_model.beginning import SPELLING_IS_FIXED, can_follow, given_prefix

TOKENIZERS = [Overlapping(), Overlapping(started=True)]
MODELS = [table_model(tokenizer) for tokenizer in TOKENIZERS]
PAIRS = list(zip(MODELS, TOKENIZERS, strict=True))
texts = st.text("aehlmrs", max_size=6)


@pytest.mark.parametrize(("model", "tokenizer"), PAIRS)
def test_nothing_of_a_prefix_is_fixed_where_tokens_overlap(model, tokenizer):
    given_here = given_prefix(model, tokenizer, "lash")
    start = tokenizer.vocabulary.beginning
    assert given_here.beginning == Beginning(start, b"lash", tuple(tokenizer.pieces()))
    assert not given_here.spelling_is_fixed


@given(st.sampled_from(PAIRS), texts, st.lists(st.integers(0, 9), max_size=6))
def test_tokens_behind_a_prefix_spell_it_first(pair, text, drawn):
    model, tokenizer = pair
    before = given_prefix(model, tokenizer, text)
    spelt = tokenizer.decode(drawn)
    agree = spelt.startswith(text) or text.startswith(spelt)
    assert can_follow(before.beginning, drawn) == agree
    if agree:
        after = before.after(tokenizer, drawn)
        assert after.text == max(text, spelt, key=len)
        assert after.beginning.ids == (*tokenizer.vocabulary.beginning, *drawn)
        assert after.beginning.rest.decode() == text[len(spelt) :]
        assert after.after(tokenizer, []) is after


@given(st.lists(st.integers(0, 9), max_size=4), st.lists(st.integers(0, 9), max_size=4))
def test_tokens_one_after_the_other_are_tokens_at_once(first, second):
    before = given_prefix(MODELS[0], TOKENIZERS[0], "lash")
    if can_follow(before.beginning, first + second):
        one = before.after(TOKENIZERS[0], first).after(TOKENIZERS[0], second)
        assert one == before.after(TOKENIZERS[0], first + second)


def test_the_terminator_spells_nothing():
    before = given_prefix(MODELS[0], TOKENIZERS[0], "l").beginning
    end, la = TOKENIZERS[0].terminator_id, 9
    assert not can_follow(before, [end])
    assert can_follow(before, [la, end])


def test_too_many_spellings_leave_the_tokenizers_own_and_it_is_said(monkeypatch, capsys):
    model, tokenizer = MODELS[0], TOKENIZERS[0]
    speaks = text_model(model, tokenizer)
    say_if_spelling_is_fixed(speaks.given_prefix("lashesh"))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(beginning_module, "MOST_SPELLINGS", 6)
    fixed = given_prefix(model, tokenizer, "lashesh")
    assert fixed.spelling_is_fixed
    assert fixed.beginning == Beginning(tuple(tokenizer.encode("lashesh")))
    assert not given_prefix(model, tokenizer, "lash").spelling_is_fixed
    say_if_spelling_is_fixed(speaks.given_prefix("lashesh"))
    assert capsys.readouterr().err == f"{SPELLING_IS_FIXED}\n"


def test_what_the_tokenizer_does_not_know_is_refused():
    with pytest.raises(RequestError, match="No piece of 'lax'"):
        given_prefix(MODELS[0], TOKENIZERS[0], "lax")
