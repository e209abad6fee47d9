"""Training in a session: the model moves where one stands, and nothing on disk does."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from words import WORDS, words_file

from tokgen.cli.views.events import WHY_IT_ROSE, retrained, show_event
from tokgen.corpus.opening import open_corpus
from tokgen.session.commands.training import HOW_TO_KEEP
from tokgen.session.comparison import Comparison
from tokgen.session.events import Distribution, Learnt, Refused, Retrained, Told
from tokgen.session.events_json import event_as_json
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.measuring import loss_of
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.references import references
from tokgen.training.tensor_names import fingerprint
from tokgen.training.train import train
from tokgen.training.verdict import NOTHING_HELD_OUT
from tokgen.unit import Unit


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    quick = {"steps": 4, "evaluate_every": 2, "hidden": 8}
    for model, options in {"gru": quick, "ngram": {}}.items():
        recipe = Recipe(corpus=words_file(folder), model=model, options=options, seed=1)
        train(plan(recipe)).checkpoint.save(folder / f"{model}.safetensors")
    return folder


def open_model(request):
    chosen = choose(request)
    return TextModel(chosen.checkpoint, chosen.corpus, request.given)


def session_of(path, seed=1, **more):
    request = ModelRequest(checkpoint=str(path))
    return Session(State(open_model(request), Settings(seed), request, open_model, **more))


@pytest.fixture
def session(files):
    return session_of(files / "gru.safetensors")


def answers(session, *lines):
    """What the last line brings, but for the losses on the way."""
    return [event for event in all_answers(session, *lines) if not isinstance(event, Learnt)]


def all_answers(session, *lines):
    for line in lines:
        events = list(session.handle(line))
    return events


def test_more_steps_move_the_distribution_here_and_lower_the_loss(session):
    (before,) = answers(session, "ba")
    done, comparison, _, said = answers(session, ":train 30")
    assert (done.steps, done.asked, done.split) == (30, 30, "validation")
    assert done.loss_after < done.loss_before
    was, is_ = comparison.columns
    assert (was.model_name, is_.model_name) == ("before", "after 30")
    assert comparison.columns[comparison.present] is is_
    np.testing.assert_array_equal(was.next.logprobs, before.next.logprobs)
    assert said == Told(HOW_TO_KEEP)
    assert session.state.text() == "ba"
    (here,) = answers(session, ":all")
    np.testing.assert_array_equal(here.next.logprobs, is_.next.logprobs)


def test_the_losses_are_those_of_the_models(session):
    corpus = session.state.model.corpus
    before = loss_of(session.state.model.checkpoint, corpus, "validation")
    done, *_ = answers(session, ":train 3")
    after = loss_of(session.state.model.checkpoint, corpus, "validation")
    assert (done.loss_before, done.loss_after) == (before, after)
    assert session.state.model.metadata.metrics == {"steps": 3.0, "validation_loss": after}


def test_the_losses_on_the_way_are_told_and_drawn(session):
    told, done, *_ = all_answers(session, ":train 20")
    assert told.history[0].step == 0
    assert told.history[-1].step == done.steps == 20
    assert told.beside.uniform == pytest.approx(np.log(told.beside.tokens))
    console = Console(file=io.StringIO(), width=80, height=24)
    show_event(console, told)
    drawn = console.file.getvalue()
    assert re.search(rf"━ training.* {told.history[-1].loss:.2f}$", drawn, flags=re.MULTILINE)
    assert f"┈ guessing, ln {told.beside.tokens}" in drawn
    row = event_as_json(told)
    assert row["losses"] == [{"step": each.step, "loss": each.loss} for each in told.history]


def test_a_training_is_judged_as_on_the_command_line(session):
    done, _, judged, _ = answers(session, ":train 3")
    model = session.state.model
    held_out = model.corpus.split("validation")
    losses = [-model.score(text).logprob for text in held_out]
    tokens = sum(len(text) + 1 for text in held_out)
    assert judged.verdict.loss == done.loss_after == pytest.approx(sum(losses) / tokens)
    corpus = model.metadata.corpus.name
    beside = references(plan(Recipe(corpus=corpus, model="gru")))
    assert (judged.verdict.guessing, judged.verdict.baseline) == (beside.frequency, beside.baseline)
    assert judged.verdict.documents == len(held_out)
    bits = [f"{each / np.log(2):.2f}" for each in (done.loss_after, beside.baseline)]
    console = Console(file=io.StringIO(), width=999)
    show_event(console, judged, Unit.bits)
    assert console.file.getvalue().startswith(
        f"  On held-out documents the model has {bits[0]} bits per token; an n-gram has {bits[1]}, "
        "guessing by letter frequency has "
    )
    row = event_as_json(judged)
    assert row["loss"] == done.loss_after
    assert row["text"].startswith(f"On held-out documents the model has {done.loss_after:.2f} nats")


def test_where_nothing_is_held_out_it_is_said(tmp_path):
    for word in WORDS:
        corpus = words_file(tmp_path, [word])
        if open_corpus(corpus).rows_of("train").all():
            break
    trained = train(plan(Recipe(corpus=corpus, model="gru", options={"steps": 1, "hidden": 8})))
    trained.checkpoint.save(tmp_path / "alone.safetensors")
    *_, judged, _ = answers(session_of(tmp_path / "alone.safetensors"), ":train 1")
    assert judged == Told(NOTHING_HELD_OUT)


@pytest.mark.parametrize(
    ("steps", "before", "after", "rose"),
    [(20, 2.0, 2.5, True), (20, 2.5, 2.0, False), (0, 2.0, 2.0, False)],
)
def test_a_loss_that_rose_is_explained(steps, before, after, rose):
    said = retrained(Retrained(steps, steps, "validation", before, after))
    assert (WHY_IT_ROSE in said) == rose
    assert f"validation loss {before:.4f} → {after:.4f} nats per token." in said


def test_no_step_leaves_the_model(session):
    before = fingerprint(session.state.model.model)
    done, *_ = answers(session, ":train 0")
    assert fingerprint(session.state.model.model) == before
    assert retrained(done).startswith("Trained for 0 steps more: validation loss ")


def test_the_same_seed_takes_the_same_steps_and_a_second_training_others(files):
    found = {}
    for name, seed, lines in (
        ("once", 1, [":train 3"]),
        ("again", 1, [":train 3"]),
        ("other seed", 2, [":train 3"]),
        ("in two", 1, [":train 2", ":train 1"]),
    ):
        session = session_of(files / "gru.safetensors", seed)
        answers(session, *lines)
        found[name] = fingerprint(session.state.model.model)
    assert found["once"] == found["again"]
    assert len(set(found.values())) == 3


def test_the_file_is_as_it_was_and_the_trained_model_is_kept_in_another(files, session, tmp_path):
    file, kept = files / "gru.safetensors", tmp_path / "kept.safetensors"
    before = file.read_bytes()
    answers(session, "ba", ":train 3", ":train 2")
    (said,) = answers(session, f":keep {kept}")
    assert said.text == f"The model is kept in {kept}: --checkpoint {kept} opens it."
    assert file.read_bytes() == before
    opened = open_model(ModelRequest(checkpoint=str(kept)))
    np.testing.assert_array_equal(opened.next("ba").logprobs, session.state.next().logprobs)
    assert [each.steps for each in opened.metadata.ancestors] == [4.0, 3.0]
    assert opened.metadata.metrics["steps"] == 2
    answers(session, f":save {tmp_path / 'session.json'}")
    again = session_of(file)
    (only,) = answers(again, f":load {tmp_path / 'session.json'}")
    assert isinstance(only, Distribution)
    (refused,) = answers(session, f":keep {kept}")
    assert refused.text.endswith("is there already: a model is kept in a new file.")


def test_untrained_it_has_the_weights_that_its_training_began_with(session):
    model = session.state.model
    initial = type(model.model).initial(model.model.options, model.model.vocabulary, 1)
    done, comparison, _ = answers(session, "ba", ":untrain")
    assert fingerprint(session.state.model.model) == fingerprint(initial)
    assert session.state.model.metadata.untrained
    assert isinstance(comparison, Comparison)
    assert retrained(done).startswith("The model has the random weights of a training's beginning")


def test_ctrl_c_stops_between_two_steps_and_keeps_what_was_reached(files):
    def stop_at_the_third(progress):
        if progress.step == 3 and not progress.interrupted:
            raise KeyboardInterrupt

    stopped = session_of(
        files / "gru.safetensors", watching=lambda *_: nullcontext(stop_at_the_third)
    )
    before = fingerprint(stopped.state.model.model)
    done, *_ = answers(stopped, ":train 500")
    assert (done.steps, done.asked) == (3, 500)
    assert retrained(done).startswith("Stopped after 3 of 500 steps: validation loss ")
    assert fingerprint(stopped.state.model.model) != before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (":train", "The model 'ngram' does not train by steps"),
        (":untrain", "The model 'ngram' begins with no random weights."),
        (":train x", "A number of steps is a whole number, not 'x'."),
        (":keep", "An argument is missing: :keep FILE"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(files, line, said):
    session = session_of(files / "ngram.safetensors")
    model = session.state.model
    (refused,) = answers(session, line)
    assert isinstance(refused, Refused)
    assert refused.text.startswith(said)
    assert session.state.model is model


def test_a_corpus_with_other_letters_is_refused(files, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("bané\nmana\n" * 9)
    request = ModelRequest(checkpoint=str(files / "gru.safetensors"), corpus=str(other))
    session = Session(State(open_model(request), Settings(1), request, open_model))
    (refused,) = answers(session, ":train 2")
    assert "does not know 'é' of " in refused.text


def test_the_file_exists_nowhere_before_it_is_kept(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(answers(session, ":train 1")[0], Retrained)
    assert not list(Path(tmp_path).iterdir())
