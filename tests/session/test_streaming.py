"""Events that come one by one: stopped in between, failing, or asked for what is not allowed."""

from __future__ import annotations

import pytest
from overlapping import Overlapping, session_of, table_model, text_model
from samplers import CHAINS, chain_of

import tokgen
from tokgen.errors import PluginError
from tokgen.plugin_api import Sampler
from tokgen.session.commands import COMMANDS, COMMANDS_WITHOUT_FILES
from tokgen.session.events import Completed, Distribution, Refused, Sampled, Told
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.training.model_request import ModelRequest

TOKENIZER = Overlapping()
MODEL = text_model(table_model(TOKENIZER, 5), TOKENIZER)


@pytest.fixture
def session():
    return session_of(MODEL, CHAINS["none"])


def standing(session):
    state = session.state
    draws = {place: count for place, count in state.draws.items() if count}
    return (state.place, list(state.places), draws, list(state.undone), state.settings)


def test_run_tells_each_token_before_the_next_is_drawn(session):
    list(session.handle("r"))
    whole = list(session_of(MODEL, CHAINS["none"]).handle(":run"))
    events = session.handle(":run")
    first = next(events)
    assert isinstance(first, Sampled)
    assert session.state.place.drawn == (TOKENIZER.symbols.index(first.token),)
    *_, completed, shown = events
    assert isinstance(completed, Completed)
    assert isinstance(shown, Distribution)
    assert [type(event) for event in whole[-2:]] == [Completed, Distribution]


@pytest.mark.parametrize("stop", ["close", "interrupt"])
@pytest.mark.parametrize("after", range(1, 7))
def test_what_is_stopped_goes_on_where_it_stood(after, stop, monkeypatch):
    """Stopped after some events and gone on, a session makes the document that it would have."""
    straight, stopped = (session_of(MODEL, CHAINS["all"], seed=28) for _ in range(2))
    tokens = [e.token for e in straight.handle(":run") if isinstance(e, Sampled)]
    assert len(tokens) > 6
    events = stopped.handle(":run")
    seen = [next(events).token for _ in range(after)]
    if stop == "close":
        events.close()
    else:
        with monkeypatch.context() as patched:
            patched.setattr(type(MODEL.model), "next_logprobs", interrupted)
            with pytest.raises(KeyboardInterrupt):
                next(events)
    seen += [e.token for e in stopped.handle(":run") if isinstance(e, Sampled)]
    assert seen == tokens
    assert standing(stopped) == standing(straight)


def interrupted(model, prefixes):
    raise KeyboardInterrupt


def test_nothing_happens_before_an_event_is_asked_for(session):
    before = standing(session)
    session.handle("r")
    assert standing(session) == before


class Failing(Sampler):
    def apply(self, logprobs, context):
        raise RuntimeError("enough")


def failing_model(model, prefixes):
    raise ValueError("no row today")


LINES = ["", "r", ":run", ":pick 2", ":force a", ":tree", ":back", ":names 3", ":top 2", ":go 0"]


@pytest.mark.parametrize("line", LINES)
def test_a_failing_model_costs_one_line_and_loses_nothing(session, line, monkeypatch):
    for each in ("la", ":force la", ":force r", ":back"):
        list(session.handle(each))
    session.state._growths._kept.clear()
    before = standing(session)
    with monkeypatch.context() as patched:
        patched.setattr(type(MODEL.model), "next_logprobs", failing_model)
        events = list(session.handle(line))
    assert [event.text for event in events] == ["tokgen failed: ValueError: no row today"]
    assert standing(session) == before
    assert isinstance(next(session.handle("")), Sampled)


def test_a_failing_plugin_is_named(session):
    session.state.settings = Settings(3, chain_of(Failing))
    (refused,) = session.handle("r")
    assert refused == Refused("The sampler 'Failing' failed in apply: RuntimeError: enough.")
    session.state.settings = Settings(3)
    assert isinstance(next(session.handle("r")), Distribution)


def test_a_failing_model_of_a_distribution_is_named(monkeypatch):
    real = tokgen.load("indian-names", "ngram")
    session = Session(State(real, Settings(3), ModelRequest(), lambda request: real))
    del real.model._tables
    (refused,) = session.handle("ab")
    assert refused.text.startswith("The model 'ngram' of the distribution tokgen ")
    assert "failed in next_logprobs: AttributeError" in refused.text


def test_a_plugin_cannot_end_the_session_by_leaving(session, monkeypatch):
    monkeypatch.setattr(type(MODEL.model), "next_logprobs", leaving)
    (refused,) = session.handle("r")
    assert refused == Refused("tokgen failed: SystemExit: enough")


def leaving(model, prefixes):
    raise SystemExit("enough")


def test_a_plugins_error_is_told_as_it_is(session, monkeypatch):
    def broken(model, prefixes):
        raise PluginError("The model 'x' of the distribution y 1.0 failed: z.")

    monkeypatch.setattr(type(MODEL.model), "next_logprobs", broken)
    (refused,) = session.handle("r")
    assert refused.text == "The model 'x' of the distribution y 1.0 failed: z."


@pytest.mark.parametrize(
    "line",
    [
        ":save x.json",
        ":load x.json",
        ":keep x",
        ":train 2",
        ":untrain",
        ":checkpoint x.safetensors",
        ":export x.svg",
    ],
)
def test_a_session_without_files_has_no_command_for_them(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = session_of(MODEL, CHAINS["none"], commands=COMMANDS_WITHOUT_FILES)
    (refused,) = session.handle(line)
    assert f"There is no command {line.partition(' ')[0]}." in refused.text
    assert not list(tmp_path.iterdir())
    (told,) = session.handle(":help")
    assert not {"FILE", ":save", ":load"} & set(told.text.replace("|", " ").split())
    (refused,) = session.handle(f":help {line[1:].partition(' ')[0]}")
    assert isinstance(refused, Refused)


def test_a_session_without_files_opens_corpora_by_name_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("a\nb\n")
    asked = []
    session = session_of(MODEL, CHAINS["none"], commands=COMMANDS_WITHOUT_FILES)
    session.state.open_model = lambda request: asked.append(request) or MODEL
    for name in ("secret.txt", str(tmp_path / "secret.txt"), "nothing"):
        (refused,) = session.handle(f":corpus {name}")
        assert refused.text.startswith(f"There is no corpus {name!r}.")
    assert asked == []
    list(session.handle(":corpus indian-names"))
    assert [request.corpus for request in asked] == ["indian-names"]


def test_the_two_sets_differ_in_files_and_training_alone():
    opening = {name for name, command in COMMANDS.items() if command.opens_files}
    assert opening == {"save", "load", "checkpoint", "corpus", "keep"}
    training = {"train", "untrain"}
    assert set(COMMANDS) - set(COMMANDS_WITHOUT_FILES) == (opening - {"corpus"}) | training
    assert not any(command.opens_files for command in COMMANDS_WITHOUT_FILES.values())


@pytest.fixture
def words(tmp_path):
    """A session with a model of words that hold a space, a colon and a backslash."""
    file = tmp_path / "words.txt"
    file.write_text("a b \n:a\n\\:b\n" * 20)
    model = tokgen.load(str(file), "ngram", train=True)
    return Session(State(model, Settings(3), ModelRequest(), lambda request: model))


@pytest.mark.parametrize(
    ("line", "prefix"),
    [("\\:a", ":a"), ("\\\\:b", "\\:b"), ("\\", "\\"), ("a ", "a "), (" a", " a"), (" ", " ")],
)
def test_a_prefix_is_what_was_typed(words, line, prefix):
    (shown,) = words.handle(line)
    assert shown.next.prefix == prefix


def test_a_space_is_forced_by_its_sign(words):
    list(words.handle("a"))
    chosen, shown = words.handle(":force ␣")
    assert chosen.token == " "
    assert shown.next.prefix == "a "


def test_a_command_may_have_spaces_around_it(words):
    (told,) = words.handle(":seed   7  ")
    assert isinstance(told, Told)
    assert told.text == "seed 7"
