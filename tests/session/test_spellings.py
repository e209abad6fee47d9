"""A session with a tokenizer whose tokens overlap: ids are the state, text is a view of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from brute_force import following
from overlapping import (
    Overlapping,
    Recurrent,
    session_of,
    table_model,
    text_model,
)
from samplers import CHAINS
from small_tokenizers import SPLIT_BYTES, WITHOUT_PIECES

from tokgen.generation.grow import generate
from tokgen.session.events import (
    Completed,
    Distribution,
    Names,
    Refused,
    Sampled,
    Scored,
    Told,
    Tree,
)
from tokgen.session.events_json import event_as_json
from tokgen.text_model import beginning as beginning_module

TOKENIZER = Overlapping()
MODEL = text_model(table_model(TOKENIZER, 5), TOKENIZER)
L, LA, A = (TOKENIZER.symbols.index(symbol) for symbol in ("l", "la", "a"))


@pytest.fixture
def session():
    return session_of(MODEL, CHAINS["none"])


def told(session, *lines):
    """The events of the last line."""
    for line in lines:
        events = list(session.handle(line))
    return events


def only(events, kind):
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def test_what_was_forced_is_not_spelt_again(session):
    shown = only(told(session, "l", ":force l", ":force a"), Distribution).next
    assert (shown.ids, shown.prefix) == ((L, A), "la")
    _, expected = following(MODEL.model, CHAINS["none"], MODEL.beginning("l"), [L, A])
    np.testing.assert_allclose(np.exp(shown.final_logprobs), expected, atol=1e-12)
    other = only(told(session, "l", ":force la"), Distribution).next
    assert (other.ids, other.prefix) == ((LA,), "la")
    assert np.abs(other.logprobs - shown.logprobs).max() > 0.1


def test_a_rank_is_the_one_that_was_shown(session):
    for lines in (["l", ":force l", ":force a"], ["l", ":force la"], ["l"], ["lash"]):
        shown = only(told(session, *lines), Distribution).next
        best = int(shown.logprobs.argmax())
        sampled = only(told(session, ":pick 1"), Sampled)
        assert (sampled.token, sampled.rank) == (TOKENIZER.symbols[best], 1)
        assert sampled.prob == pytest.approx(np.exp(shown.logprobs[best]))


def test_a_token_that_does_not_spell_the_prefix_is_refused(session):
    for line, choices in (("l", "l, la"), ("shla", "s, sh")):
        (refused,) = told(session, line, ":force a")
        assert isinstance(refused, Refused)
        assert f"does not spell {line!r}" in refused.text
        assert refused.text.endswith(f"There are: {choices}.")
        assert session.state.text() == line
        assert isinstance(told(session, ":force -")[0], Refused)
    (refused,) = told(session, "l", ":pick 9")
    assert "does not spell" in refused.text


MODELS = {
    "table": MODEL,
    "recurrent": text_model(Recurrent(TOKENIZER.vocabulary, 5), TOKENIZER),
    "begun": text_model(table_model(Overlapping(started=True), 6), Overlapping(started=True)),
}


@pytest.mark.parametrize("prefix", ["l", "s", "esh", "lash", ""])
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("name", MODELS)
def test_enter_makes_the_document_that_generate_makes(name, chain, prefix):
    model = MODELS[name]
    session = session_of(model, CHAINS[chain], seed=11)
    beginning = model.beginning(prefix)
    grown = generate(model.model, CHAINS[chain], beginning, 11, np.arange(1), 30)
    session.state.enter(prefix)
    drawn = []
    for _ in grown.tokens[0]:
        drawn.append(only(told(session, ""), Sampled).token)
    assert drawn == [model.tokenizer.symbols[token] for token in grown.tokens[0]]
    if grown.finished[0]:
        events = told(session, "")
        assert only(events, Completed).logprob == pytest.approx(grown.logprobs[0])
        (document,) = model.generate(1, prefix=prefix, seed=11, samplers=CHAINS[chain])
        assert only(events, Completed).text == document.text
        assert session.state.text() == prefix


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize(
    ("tokenizer", "prefix"),
    [(SPLIT_BYTES, "a"), (SPLIT_BYTES, "aé"), (SPLIT_BYTES, "a€"), (WITHOUT_PIECES, "aab")],
)
def test_it_does_so_where_tokens_are_bytes_or_more_than_pieces(tokenizer, prefix, chain):
    model = text_model(table_model(tokenizer, 5, context=1), tokenizer)
    session = session_of(model, CHAINS[chain], seed=2)
    (document,) = model.generate(1, prefix=prefix, seed=2, samplers=CHAINS[chain])
    assert document.finished
    session.state.enter(prefix)
    completed = only(told(session, ":run"), Completed)
    assert (completed.text, completed.logprob) == (document.text, pytest.approx(document.logprob))


def test_a_document_is_scored_as_it_was_spelt(session):
    for spelling in (["l", "a"], ["la"]):
        told(session, "l", *(f":force {token}" for token in spelling))
        scored = only(told(session, ":score"), Scored).score
        completed = only(told(session, ":force -"), Completed)
        ids = [TOKENIZER.symbols.index(token) for token in spelling]
        rows = [
            following(MODEL.model, CHAINS["none"], MODEL.beginning(""), ids[:n])[0]
            for n in range(len(ids) + 1)
        ]
        whole = [*ids, TOKENIZER.terminator_id]
        expected = sum(np.log(row[t]) for row, t in zip(rows, whole, strict=True))
        assert (completed.text, completed.logprob) == ("la", pytest.approx(expected))
        assert scored.tokens == (*spelling, "-")
        assert scored.logprob == completed.logprob


def test_what_is_not_spelt_yet_is_scored_as_the_tokenizer_spells_it(session):
    assert only(told(session, "lash", ":score"), Scored).score == MODEL.score("lash")


def test_names_go_on_from_the_ids(session):
    told(session, "l", ":force l")
    drawn = only(told(session, ":names 30"), Names).documents
    beginning = MODEL.given_prefix("l").after(TOKENIZER, [L]).beginning
    grown = generate(MODEL.model, CHAINS["none"], beginning, 3, np.arange(30), 60)
    assert [each.text for each in drawn] == [TOKENIZER.decode([L, *t]) for t in grown.tokens]


def test_two_spellings_are_two_nodes_of_a_tree(session):
    (tree,) = told(session, "la", ":tree 2 4")
    assert isinstance(tree, Tree)
    for ids, number in tree.numbers.items():
        told(session, "la", f":go {number}")
        assert session.state.place.drawn == ids
    assert {(LA,), (L, A)} <= set(tree.numbers)
    row = json.loads(json.dumps(event_as_json(tree)))
    numbered = {tuple(each["ids"]): each["number"] for each in nodes(row["root"]) if each["number"]}
    assert numbered == tree.numbers
    assert row["numbers"]["la"] in (tree.numbers[LA,], tree.numbers[L,], tree.numbers[L, A])


def nodes(node):
    yield node
    for child in node["children"]:
        yield from nodes(child)


def test_a_session_is_saved_by_its_ids(session, tmp_path):
    told(session, "l", ":force l", ":force a", ":mark here", "lash", ":force la")
    before, places = session.state.place, list(session.state.places)
    file = tmp_path / "session.json"
    told(session, f":save {file}")
    other = session_of(MODEL, CHAINS["none"])
    other.state.open_model = lambda request: MODEL
    shown = only(told(other, f":load {file}"), Distribution).next
    assert (shown.ids, shown.rest) == ((LA,), b"sh")
    assert (other.state.place, other.state.places) == (before, places)
    told(other, ":go here")
    assert other.state.place.drawn == (L, A)


@pytest.mark.parametrize("drawn", [[99], [-1], [A], [L, 10], [10]])
def test_a_file_whose_tokens_cannot_have_been_drawn_is_refused(session, tmp_path, drawn):
    file = tmp_path / "session.json"
    told(session, "l", ":force l", f":save {file}")
    content = json.loads(file.read_text())
    content["places"][-1]["drawn"] = drawn
    file.write_text(json.dumps(content))
    session.state.open_model = lambda request: MODEL
    place = session.state.place
    (refused,) = told(session, f":load {file}")
    assert "holds tokens that the model does not have" in refused.text
    assert session.state.place == place


def test_a_spelling_that_is_fixed_is_told(session, monkeypatch):
    assert [type(event) for event in told(session, "lash")] == [Distribution]
    monkeypatch.setattr(beginning_module, "MOST_SPELLINGS", 2)
    shown, said = told(session, "lash")
    assert (shown.next.ids, shown.next.rest) == (tuple(TOKENIZER.encode("lash")), b"")
    assert isinstance(said, Told)
    assert said.text == beginning_module.SPELLING_IS_FIXED
