"""Automata over tokens against the text that the tokens make, under every kind of pieces."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from enumeration import allows
from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import OVERLAPPING, SPLIT_BYTES, PieceTokenizer

from tokgen.exact import character_steps, token_automaton
from tokgen.exact.condition_automata import everything, literal, none_of, of_length
from tokgen.exact.conditions import Conditions
from tokgen.exact.joint_automaton import text_automaton_of
from tokgen.exact.pattern_automaton import of_pattern
from tokgen.exact.token_automaton import TokenAutomaton
from tokgen.exact.transitions import NOWHERE, Table, product

TOKENIZERS = {"overlapping": OVERLAPPING, "split bytes": SPLIT_BYTES}
LETTERS = {"overlapping": "aehls", "split bytes": "aé€🙂"}


@st.composite
def cases(draw, name):
    """Conditions, known texts, and documents of tokens, many of them spelling known texts."""
    tokenizer, letters = TOKENIZERS[name], LETTERS[name]
    texts = st.text(letters, max_size=5)
    known = draw(st.frozensets(texts, max_size=4))
    conditions = Conditions(
        draw(st.none() | st.tuples(st.integers(0, 2), st.none() | st.integers(2, 6))),
        draw(st.none() | st.text(letters + "?*", max_size=5)),
        draw(st.none() | st.text(letters, max_size=2)),
        draw(st.none() | st.text(letters, max_size=2)),
        draw(st.none() | st.text(letters, max_size=1)),
        draw(st.booleans()),
    )
    tokens = st.lists(st.integers(0, tokenizer.terminator_id - 1), max_size=7)
    spelt = st.one_of(texts, st.sampled_from(sorted(known))) if known else texts
    documents = draw(st.lists(tokens | spelt.map(tokenizer.encode), min_size=8, max_size=8))
    return conditions, known, documents


def automaton_of(tokenizer, conditions, known):
    text_automaton = text_automaton_of(conditions, lambda: known)
    return TokenAutomaton.of(text_automaton, tokenizer.pieces(), tokenizer.terminator_id)


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_document_is_allowed_if_its_text_meets_the_conditions(name, data):
    tokenizer = TOKENIZERS[name]
    conditions, known, documents = data.draw(cases(name))
    automaton = automaton_of(tokenizer, conditions, known)
    for tokens in documents:
        meets = conditions.met_by(tokenizer.decode(tokens), known) if conditions else None
        if meets is None:
            meets = "\ufffd" not in tokenizer.decode(tokens)
        assert allows(automaton, tokens) == meets
        cut = len(tokens) // 2
        before = b"".join(tokenizer.pieces()[token] for token in tokens[:cut])
        assert allows(automaton.after(before), tokens[cut:]) == meets


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_rows_are_the_same_written_out_or_not(name, data):
    """Whether the tables of characters and of tokens are kept is a question of size alone."""
    conditions, known, _ = data.draw(cases(name))
    tokenizer = TOKENIZERS[name]
    kept = automaton_of(tokenizer, conditions, known)
    states = np.arange(len(kept))
    assert kept.lifted.table is not None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(token_automaton, "TABLE_BYTES", 0)
        in_characters = automaton_of(tokenizer, conditions, known)
        np.testing.assert_array_equal(in_characters.rows(states), kept.rows(states))
        assert in_characters.lifted.table is None
        patched.setattr(character_steps, "TABLE_BYTES", 0)
        patched.setattr(token_automaton, "ENTRIES_AT_ONCE", 5)
        sparse = automaton_of(tokenizer, conditions, known)
        np.testing.assert_array_equal(sparse.rows(states), kept.rows(states))
    some = np.array([0, len(kept) - 1, 0])
    np.testing.assert_array_equal(sparse.rows(some), kept.rows(some))


def test_the_terminator_is_refused_in_rows_and_an_empty_piece_changes_nothing():
    automaton = TokenAutomaton.of(of_length(1, 2), [b"a", b"", b""], 2)
    np.testing.assert_array_equal(
        automaton.rows(np.arange(3)), [[1, 0, -1], [2, 1, -1], [-1, 2, -1]]
    )
    assert automaton.accepts(np.arange(3)).tolist() == [False, True, True]


def test_what_is_refused_leads_to_a_state_that_refuses_everything():
    automaton = TokenAutomaton.of(of_pattern(literal("ab")), [b"a", b"b", b""], 2)
    refusing = automaton.after(b"b")
    states = np.array([refusing.start])
    assert (refusing.rows(states) == NOWHERE).all()
    assert not refusing.accepts(states).any()
    assert refusing.after(b"a").start == refusing.start
    assert allows(automaton.after(b"a").after(b"b"), [])


def test_a_beginning_that_ends_inside_a_character():
    automaton = TokenAutomaton.of(of_length(1, 1), SPLIT_BYTES.pieces(), SPLIT_BYTES.terminator_id)
    begun = automaton.after("é".encode()[:1])
    assert not allows(begun, [])
    assert allows(begun, [SPLIT_BYTES.pieces().index(b"\xa9")])
    assert not allows(begun, [SPLIT_BYTES.pieces().index(b"a")])
    whole = PieceTokenizer(["é".encode()])
    refused = TokenAutomaton.of(of_length(1, 1), whole.pieces(), 1).after(b"\xc3")
    assert not allows(refused, [0])


def test_one_character_a_token_needs_no_more_states_than_the_characters_do():
    text_automaton = of_pattern([None, *literal("éb")])
    automaton = TokenAutomaton.of(text_automaton, ["é".encode(), b"b", b"c", b""], 3)
    assert len(automaton) == len(text_automaton) + 1


def test_characters_that_no_token_spells_are_told():
    automaton = TokenAutomaton.of(of_pattern(literal("aXé")), [b"a", b"\xc3", b"\xa9", b""], 3)
    assert automaton.unspelt == "X"
    assert not allows(automaton, [0])
    assert automaton.rows(np.zeros(1, np.int64))[0, 0] == NOWHERE


def test_a_product_begins_where_both_begin():
    automaton = TokenAutomaton.of(of_length(2, 2), [b"a", b"b", b""], 2).after(b"a")
    pairs = product(Table(np.array([[1, 0, -1], [1, 1, -1]], np.int32), start=1), automaton)
    assert (pairs.first[0], pairs.second[0]) == (1, automaton.start)
    assert pairs.successors.tolist() == [[1, 1, -1], [-1, -1, -1]]


SIZE = 50_000
ROWS = 64


def test_a_large_vocabulary_and_many_states_take_tens_of_megabytes():
    """50,000 pieces and a tree of known texts of more than 30,000 states."""
    generator = np.random.default_rng(0)

    def words(count, longest):
        letters = generator.integers(97, 123, (count, longest)).astype(np.uint8)
        sizes = generator.integers(1, longest + 1, count)
        return [row[:size].tobytes() for row, size in zip(letters, sizes, strict=True)]

    pieces = [*words(SIZE - 257, 8), *(bytes([byte]) for byte in range(256)), b""]
    known = [word.decode() for word in words(9000, 10)]
    tracemalloc.start()
    automaton = TokenAutomaton.of(none_of(known), pieces, SIZE - 1)
    states = np.arange(0, len(automaton), len(automaton) // ROWS)[:ROWS]
    rows = automaton.rows(states)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(automaton) > 30_000
    assert rows.shape == (ROWS, SIZE)
    assert peak < 60e6
    token = pieces.index(known[0][:1].encode())
    state = automaton.rows(np.array([automaton.start]))[0, token]
    after = automaton.after(pieces[token])
    assert state == after.start


def test_without_conditions_ill_formed_bytes_alone_are_refused():
    automaton = TokenAutomaton.of(everything(), SPLIT_BYTES.pieces(), SPLIT_BYTES.terminator_id)
    assert allows(automaton, SPLIT_BYTES.encode("🙂aé"))
    assert not allows(automaton, SPLIT_BYTES.encode("🙂aé")[:-1])
    assert not allows(automaton, [SPLIT_BYTES.pieces().index(b"\xa9")])
