"""Trainings as the page asks for them; what trains is played by the test."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scripted_training import REFUSED, TYPED, ServerThatTrains, trained_content

from tokgen.server import training_job
from tokgen.server.access import Access
from tokgen.server.training_limits import TrainingLimits
from tokgen.server.training_messages import Ended, FirstWeights, Refused
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint

PATHS = ("train", "train/watch", "train/stop", "train/keep", "train/forget")


@pytest.fixture
def server(names):
    return ServerThatTrains(names)


def probabilities(typed, seed):
    model = TextModel(Checkpoint.of_content(trained_content(seed)[0]))
    return np.exp(model.next(typed).logprobs).tolist()


@pytest.mark.parametrize("path", PATHS)
def test_without_the_flag_nothing_is_trained(ask, path):
    answer = ask.client.post(f"/page/{path}", json={})
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert "--allow-training" in error["message"]
    assert error["code"] == "training_not_allowed"
    assert ask.client.post("/page/facts", json={}).json()["training"] is None


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_ask_trains_nothing(names, path):
    server = ServerThatTrains(names, access=Access(token="T"))
    assert server.post(path).status_code == 401
    sent = {"Authorization": "Bearer T"}
    for wrong in ({"Origin": "https://evil.example"}, {"Host": "rebound.example"}):
        answer = server.client.post(f"/page/{path}", json={}, headers={**sent, **wrong})
        assert answer.status_code == 403
    assert server.trainings == []


def test_what_can_be_trained_names_no_file_and_no_plugin(server):
    told = server.asked("facts")["training"]
    assert {"name": "indian-names", "title": "Indian given names", "documents": 13553} in (
        told["corpora"]
    )
    models = {model["name"]: model for model in told["models"]}
    assert {"ngram", "mlp", "gru", "transformer"} <= models.keys()
    assert "mixture" not in models
    for model in models.values():
        assert model["said"]
        named = {option["name"] for option in model["options"]}
        assert set(re.findall(r"`(\w+)`", model["said"])) <= named
        assert {option["kind"] for option in model["options"]} <= {"int", "float", "bool", "choice"}
    options = {option["name"]: option for option in models["mlp"]["options"]}
    assert list(options)[:2] == ["context", "embedding"]  # What makes the model stands first.
    assert options["activation"]["choices"] == ["tanh", "relu", "gelu"]
    assert (options["steps"]["least"], options["steps"]["most"]) == (0, 5000)
    assert options["evaluate_every"]["default"] is None
    assert told["limits"]["parameters"] == 2_000_000
    assert told["job"] is None


def test_a_training_is_described_and_found_again(server):
    begun = server.asked("train", words=TYPED, model="mlp", options={"hidden": 4}, steps=20, seed=7)
    recipe = server.training.order.recipe
    assert (recipe.model, recipe.options, recipe.seed) == ("mlp", {"hidden": 4, "steps": 20}, 7)
    assert server.training.order.words == TYPED.encode()
    assert (begun["documents"], begun["train"], begun["validation"]) == (60, 50, 10)
    assert (begun["symbols"], begun["ngram"], begun["parameters"]) == (["a", "-"], 0.5, 99)
    assert server.asked("facts")["training"]["job"] == begun


def test_the_watched_training_shows_what_is_new(server):
    job = server.begin()
    assert server.asked("train/watch", job=job)["next"] is None
    server.training.shows_first()
    server.now += 2
    server.training.reports(0, 3.0, 3.1)
    server.training.reports(2, 2.5)
    told = server.asked("train/watch", job=job, typed="ba")
    assert (told["state"], told["step"], told["steps"], told["seconds"]) == ("running", 2, 20, 2)
    assert told["losses"] == [
        {"step": 0, "train": 3.0, "validation": 3.1},
        {"step": 2, "train": 2.5, "validation": None},
    ]
    assert told["next"]["start"] == told["next"]["now"] == probabilities("ba", 0)
    server.training.shows(1)
    server.training.reports(3, math.inf)
    told = server.asked("train/watch", job=job, typed="ba", since=2)
    assert told["losses"] == [{"step": 3, "train": None, "validation": None}]
    assert told["next"]["start"] == probabilities("ba", 0)
    assert told["next"]["now"] == probabilities("ba", 1)
    assert told["next"]["window"][-2:] == ["b", "a"]
    assert told["next"]["symbols"][told["next"]["end_id"]] == "-"
    table = trained_content(1)[1]["embedding.weight"].astype(float).tolist()
    assert told["embeddings"] == {"symbols": told["next"]["symbols"], "now": table}
    assert server.training.asked == ["show"] * 2


def test_a_class_that_watches_one_training_asks_no_more_of_it_than_one_page(server, monkeypatch):
    job, computed = server.begin(), []
    said = training_job._next

    def counted(*asked):
        computed.append(asked)
        return said(*asked)

    monkeypatch.setattr(training_job, "_next", counted)
    server.training.shows_first()
    told = [server.asked("train/watch", job=job, typed="ba")["next"] for _ in range(5)]
    assert told == [told[0]] * 5
    assert (len(computed), server.training.asked) == (1, ["show"])
    server.now += 0.25
    server.training.shows(1)
    assert server.asked("train/watch", job=job, typed="ba")["next"]["now"] != told[0]["now"]
    assert server.training.asked == ["show"] * 2


def test_a_text_that_cannot_be_encoded_is_told_and_the_curve_goes_on(server):
    job = server.begin()
    server.training.shows_first()
    server.training.reports(1, 2.0)
    told = server.asked("train/watch", job=job, typed="<img>")
    assert "'<'" in told["next"]["error"]
    assert told["next"]["now"] is None
    assert len(told["losses"]) == 1


def test_a_training_that_ends_says_what_it_was_worth(server):
    job = server.begin()
    server.training.shows_first()
    server.training.ends()
    server.now += 5
    told = server.asked("train/watch", job=job, typed="ba")
    assert (told["state"], told["verdict"], told["message"]) == ("done", "It is good.", None)
    assert told["seconds"] == 0
    assert told["next"]["now"] == probabilities("ba", 1)


def test_a_training_that_fails_says_why(server):
    job = server.begin()
    server.training.ends("failed", "The plugin failed.", keeps=False)
    told = server.asked("train/watch", job=job)
    assert (told["state"], told["verdict"], told["message"]) == (
        "failed",
        None,
        "The plugin failed.",
    )
    assert server.refused("train/keep", 409, job=job, name="a")["code"] == "nothing_to_keep"
    server.begin()


@pytest.mark.parametrize("message", [FirstWeights(b""), Ended("done", b"nothing", "It is good.")])
def test_a_model_that_cannot_be_read_ends_its_training(server, message):
    job = server.begin()
    server.training.told(message)
    told = server.asked("train/watch", job=job)
    assert (told["state"], told["verdict"], told["next"]) == ("failed", None, None)
    assert told["message"]
    assert server.training.is_killed


def test_one_training_runs_at_a_time(server):
    first = server.begin()
    error = server.refused("train", 409, words=TYPED, model="mlp")
    assert error["code"] == "training_busy"
    assert len(server.trainings) == 1
    server.training.ends()
    second = server.begin()
    assert second != first
    assert server.refused("train/watch", 404, job=first)["code"] == "job_not_found"


def test_a_training_that_cannot_begin_holds_nothing(server):
    server.refusal = REFUSED
    error = server.refused("train", 422, words=TYPED, model="mlp")
    assert (error["message"], error["param"]) == ("It cannot be.", "options")
    server.refusal = Refused("The plugin failed.", None, failed=True)
    assert server.refused("train", 500, words=TYPED, model="mlp")["code"] == "plugin_failed"
    server.refusal = None
    server.begin()


def test_a_training_that_nobody_watches_is_stopped(server):
    job = server.begin()
    server.now += 149
    server.asked("train/watch", job=job)
    server.now += 149
    server.desk.look()
    assert "stop" not in server.training.asked
    server.now += 2
    server.desk.look()
    assert server.training.asked[-1] == "stop"


def test_a_training_that_lasts_too_long_is_stopped(server):
    job = server.begin()
    for _ in range(13):
        server.now += 50
        server.asked("train/watch", job=job)
    assert server.training.asked.count("stop") == 1


def test_a_training_that_does_not_stop_is_ended(server):
    server.stops = False
    job = server.begin()
    server.now += 151
    server.desk.look()
    server.now += 31
    server.desk.look()
    assert server.training.is_killed
    told = server.asked("train/watch", job=job)
    assert (told["state"], told["next"]) == ("stopped", None)
    assert "nothing is kept" in told["verdict"]


def test_an_ended_training_is_forgotten_after_a_while(server):
    job = server.begin()
    server.training.ends()
    server.now += 899
    server.asked("train/watch", job=job)
    server.now += 2
    assert server.refused("train/watch", 404, job=job)["code"] == "job_not_found"
    assert server.asked("facts")["training"]["job"] is None


def test_a_training_that_is_forgotten_ends(server):
    job = server.begin()
    assert server.asked("train/forget", job=job) == {}
    assert server.training.is_killed
    server.training.shows_first()
    server.refused("train/forget", 404, job=job)


def test_a_kept_model_joins_the_models_that_are_asked(server):
    job = server.begin()
    server.training.shows_first()
    assert server.refused("train/keep", 409, job=job, name="a")["code"] == "training_runs"
    server.training.ends()
    assert server.asked("train/keep", job=job, name="a") == {"model": "kept:a"}
    assert server.asked("train/keep", job=job, name="a") == {"model": "kept:a"}
    facts = server.asked("facts", model="kept:a")
    assert facts["model"] == "kept:a"
    assert facts["models"][-1] == "kept:a"
    shown = server.asked("step", model="kept:a", typed="ba")["next"]
    assert [each["prob"] for each in shown] == probabilities("ba", 1)
    server.asked("train/forget", job=job)
    assert server.asked("step", model="kept:a", typed="ba")["next"] == shown
    other = server.begin()
    server.training.ends()
    assert "is taken" in server.refused("train/keep", 400, job=other, name="a")["message"]


def test_a_kept_model_is_asked_again_by_the_next_server_that_trains(server, ask):
    job = server.begin()
    server.training.ends()
    server.asked("train/keep", job=job, name="a")
    shown = server.asked("step", model="kept:a", typed="ba")
    again = ServerThatTrains(server.model)
    assert again.asked("facts")["models"][-1] == "kept:a"
    assert again.asked("step", model="kept:a", typed="ba") == shown
    for other in ("kept:b", "kept:", "kept:../a", "kept:/etc/passwd"):
        again.refused("step", 404, model=other)
    assert ask.client.post("/page/step", json={"model": "kept:a"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "such_as"),
    [("my towns", "my-towns"), ("-a", "a"), ("a" * 41, "a" * 40), ("Orte/2.Teil", "Orte-2-Teil")],
)
def test_a_name_that_cannot_be_is_told_with_one_that_can(server, name, such_as):
    job = server.begin()
    server.training.ends()
    refused = server.refused("train/keep", 422, job=job, name=name)
    assert refused["message"].endswith(f", such as {such_as!r}.")


@pytest.mark.parametrize("name", ["", "../a", "a/b", "a.b", "-a", "a" * 41, "ä", "a\n", "kept:a"])
def test_no_name_is_a_path(server, name):
    job = server.begin()
    server.training.ends()
    assert server.refused("train/keep", 422, job=job, name=name)["param"] == "name"


LIMITS = TrainingLimits(words=3, bytes=40, characters=10, steps=50, option=100)
MLP = {"words": "ab\nba", "model": "mlp"}


@pytest.mark.parametrize(
    ("status", "body", "param", "said"),
    [
        (404, {"words": "ab", "model": "nosuch"}, "model", "no model 'nosuch'"),
        (404, {"words": "ab", "model": "mixture"}, "model", "no model 'mixture'"),
        (404, {"words": "ab", "model": "../mlp"}, "model", "no model '../mlp'"),
        (404, {"corpus": "/etc/passwd", "model": "mlp"}, "corpus", "no corpus '/etc/passwd'"),
        (404, {"corpus": "-", "model": "mlp"}, "corpus", "no corpus '-'"),
        (404, {"corpus": "indian-nmes", "model": "mlp"}, "corpus", "'indian-names'"),
        (422, {"model": "mlp"}, None, "either in corpus or in words"),
        (422, {**MLP, "corpus": "indian-names"}, None, "either in corpus or in words"),
        (422, {**MLP, "words": ""}, "words", "is empty"),
        (422, {**MLP, "words": "\n\r\n"}, "words", "is empty"),
        (422, {**MLP, "words": "a\nb\nc\nd"}, "words", "at most 3 are read"),
        (422, {**MLP, "words": "a" * 41}, "words", "at most 40 are read"),
        (422, {**MLP, "words": "a" * 11}, "words", "at most 10 are read"),
        (422, {**MLP, "steps": 51}, "steps", "at most 50"),
        (422, {**MLP, "steps": -1}, "steps", "greater than or equal to 0"),
        (422, {**MLP, "steps": 4, "options": {"steps": 5}}, "steps", "given twice"),
        (422, {**MLP, "model": "ngram", "steps": 4}, "steps", "takes no steps"),
        (422, {**MLP, "seed": -1}, "seed", "greater than or equal to 0"),
        (422, {**MLP, "options": {"hidden": 101}}, "options", "'hidden' is at most 100"),
        (422, {**MLP, "options": {"hiden": 1}}, "options", "Did you mean 'hidden'?"),
        (422, {**MLP, "options": {"hidden": [1]}}, "options", "'options' is wrong"),
        (422, {**MLP, "from_checkpoint": "/a"}, "from_checkpoint", "no field"),
    ],
)
def test_what_is_wrong_is_said_before_anything_begins(names, status, body, param, said):
    server = ServerThatTrains(names, LIMITS)
    error = server.refused("train", status, **body)
    assert said in error["message"]
    assert error["param"] == param
    assert server.trainings == []


def test_pasted_words_are_read_as_a_file_is(server):
    server.begin(words="\ufeffe\u0301a\r\n\nb\rc\u0007")
    (order,) = [training.order for training in server.trainings]
    assert order.words is not None
    job = server.desk.present
    assert [*job.corpus.documents] == ["éa", "b", "c\u0007"]
    assert job.corpus.blank_lines == 1
