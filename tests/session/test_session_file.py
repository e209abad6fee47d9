"""A session in a file: the whole request comes back, and what is forged is refused."""

from __future__ import annotations

import json
import math

import pytest
from words import words_file

from tokgen.session.commands.settings import ANOTHER_MODEL
from tokgen.session.events import Distribution, Refused, Told
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose


def open_model(request):
    return TextModel(choose(request).checkpoint)


def session_for(request):
    return Session(State(open_model(request), Settings(seed=3), request, open_model))


def told(session, *lines):
    """The events of the last line."""
    return [list(session.handle(line)) for line in lines][-1]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "words.csv"
    rows = [f"{a}{b}na,{'f' if a in 'bd' else 'm'}" for a in "bdkm" for b in "aeiou"]
    path.write_text("\n".join(["name,sex", *rows]) + "\n")
    return path


def test_rows_options_and_column_come_back_in_another_folder(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = ModelRequest("words.csv", "ngram", {"sex": "f"}, {"order": "2"}, column="name")
    first = session_for(request)
    (shown,) = told(first, ":chain temperature:t=inf top_k:k=5", "ba")
    told(first, ":mark here", ":save s.json")
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    second = session_for(ModelRequest())
    (again,) = told(second, ":load ../s.json")
    assert again.next.logprobs.tolist() == shown.next.logprobs.tolist()
    assert again.next.labels == shown.next.labels
    assert math.isinf(second.state.settings.chain.samplers[0].sampler.options.t)
    assert second.state.request.where == {"sex": "f"}
    assert second.state.request.options == {"order": "2"}
    assert list(second.state.marks) == ["here"]


def test_a_model_that_has_learnt_something_else_is_told(tmp_path):
    words = words_file(tmp_path)
    checkpoint = tmp_path / "m.safetensors"
    choose(ModelRequest(words, "ngram", options={"order": 2})).checkpoint.save(checkpoint)
    session = session_for(ModelRequest(checkpoint=str(checkpoint)))
    told(session, "ba", f":save {tmp_path / 's.json'}")
    (shown,) = told(session, f":load {tmp_path / 's.json'}")
    assert isinstance(shown, Distribution)
    choose(ModelRequest(words, "ngram", options={"order": 3})).checkpoint.save(checkpoint)
    said, shown = told(session, f":load {tmp_path / 's.json'}")
    assert said == Told(ANOTHER_MODEL)
    assert shown.next.prefix == "ba"


def test_a_path_may_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    words = words_file(tmp_path)
    choose(ModelRequest(words, "ngram")).checkpoint.save(tmp_path / "m.safetensors")
    session = session_for(ModelRequest())
    for line in ("ab", ":save ~/s.json", ":load ~/s.json", ":corpus ~/words.txt"):
        assert not [event for event in told(session, line) if isinstance(event, Refused)]
    assert not isinstance(told(session, ":checkpoint ~/m.safetensors")[0], Refused)
    assert session.state.request.checkpoint == str(tmp_path / "m.safetensors")


TERMINATOR = 26
FORGED = [
    ({"sort": "evil"}, "sort"),
    ({"rows": 0}, "rows"),
    ({"rows": -5}, "rows"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**64}, "seed"),
    ({"here": 7}, "node that it does not have"),
    ({"here": -1}, "here"),
    ({"marks": {"x": 10**30}}, "node that it does not have"),
    ({"places": []}, "places"),
    (
        {"here": 0, "places": [{"prefix": "a", "drawn": [TERMINATOR]}]},
        "tokens that the model does not",
    ),
    ({"here": 0, "places": [{"prefix": "a", "drawn": [10**30]}]}, "tokens that the model does not"),
    ({"places": [{"prefix": "a", "drawn": [], "draws": 10**30}]}, "draws"),
    ({"places": [{"prefix": "a", "drawn": [], "draws": -1}]}, "draws"),
    ({"places": [{"prefix": "\ud800", "drawn": []}]}, ""),
    ({"chain": [["evil", {}]]}, "evil"),
    ({"chain": [["top_p", {"p": [1]}]]}, "top_p"),
    ({"request": {"corpus": 3}}, "corpus"),
    ({"request": {"evil": "x"}}, "evil"),
    ({"evil": 1}, "evil"),
]


@pytest.mark.parametrize(("change", "said"), FORGED, ids=lambda value: str(value)[:40])
def test_forged_sessions_are_refused_and_nothing_changes(tmp_path, change, said):
    path = tmp_path / "s.json"
    session = session_for(ModelRequest())
    told(session, "ab", f":save {path}")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    before = session.state.place, session.state.settings, session.state.model
    (refused,) = told(session, f":load {path}")
    assert isinstance(refused, Refused)
    assert said in refused.text
    assert "tokgen failed" not in refused.text
    assert (session.state.place, session.state.settings, session.state.model) == before


@pytest.mark.parametrize("command", [":names", ":pick", ":back", ":go", ":top", ":seed", ":tree"])
def test_numbers_of_thousands_of_digits_are_refused(command):
    session = session_for(ModelRequest(model="ngram"))
    told(session, "ab", ":force i")
    before = session.state.place
    (refused,) = told(session, f"{command} {'9' * 5000}")
    assert "is at most" in refused.text
    assert session.state.place == before


def test_many_documents_come_in_several_events():
    session = session_for(ModelRequest(model="ngram"))
    events = told(session, ":names 250")
    assert [len(event.documents) for event in events] == [100, 100, 50]
    events = told(session, ":top 150")
    assert [(event.first, len(event.documents)) for event in events] == [(1, 100), (101, 50)]


def test_a_change_of_model_or_corpus_leaves_behind_what_was_the_others(table):
    session = session_for(
        ModelRequest(str(table), "ngram", {"sex": "f"}, {"order": 2}, None, "name")
    )
    (shown,) = told(session, ":corpus indian-names")
    assert isinstance(shown, Distribution)
    assert session.state.request == ModelRequest("indian-names", "ngram", {}, {"order": 2})
    told(session, ":model mlp")
    assert session.state.request == ModelRequest("indian-names", "mlp")
