"""Trainings in processes of their own: what they learn, and how they end."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from multiprocessing.connection import wait

import pytest
from running import tokgen
from starlette.testclient import TestClient
from words import WORDS, coloured_table, words_file

from tokgen import registry
from tokgen.server.access import Access
from tokgen.server.app import application
from tokgen.server.served_model import ServedModel
from tokgen.server.training_desk import TrainingDesk
from tokgen.server.training_limits import TrainingLimits
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept_models import find_kept
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose

pytestmark = pytest.mark.slow

# A step that never ends, a step that fails, a process that is gone: each in its own model.
WRONG_MODELS = """
import os, time
import numpy as np
from tokgen.plugin_api import LanguageModel, Progress

class Slow(LanguageModel):
    context_length = 0
    def fit(self, train, validation, run):
        run.report(Progress(1, 2, 1.0))
        time.sleep(600)
    def learned(self):
        return {}
    def next_logprobs(self, prefixes):
        size = self.vocabulary.size
        return np.full((len(prefixes), size), -np.log(size))

class Failing(Slow):
    def fit(self, train, validation, run):
        raise ValueError("it broke")

class Exiting(Slow):
    def fit(self, train, validation, run):
        raise SystemExit(3)

class Gone(Slow):
    def fit(self, train, validation, run):
        os._exit(1)
"""
FEW = {"hidden": 8, "embedding": 2, "evaluate_every": 5}


class Trainings:
    def __init__(self, model, limits=None):
        self.desk = TrainingDesk(limits)
        served = application(ServedModel(model), Access(), self.desk)
        self.client = TestClient(served, base_url="http://localhost:8008")

    def close(self):
        self.desk.close()

    def asked(self, name, /, **body):
        answer = self.client.post(f"/page/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def begin(self, **body):
        return self.asked("train", **{"words": "\n".join(WORDS) + "\n", **body})["job"]

    def ended(self, job):
        assert self.desk.job(job).is_over.wait(120)
        return self.asked("train/watch", job=job, typed="ba")

    def after_step(self, job, step):
        while self.asked("train/watch", job=job)["step"] < step:
            pass


@pytest.fixture
def trainings(names):
    with closing(Trainings(names)) as opened:
        yield opened


@pytest.fixture
def wrong(trainings, tmp_path):
    file = tmp_path / "wrong_models.py"
    file.write_text(WRONG_MODELS)
    registry.add_file(file)
    return trainings


def told_of(checkpoint):
    """All that a checkpoint holds but the seconds that it took, and the bytes of its tensors.

    The command line reads the values of options as texts, and keeps them so in its recipe.
    """
    told = checkpoint.metadata.model_dump(exclude={"metrics": {"seconds"}})
    told["recipe"]["options"] = {key: str(each) for key, each in told["recipe"]["options"].items()}
    arrays = checkpoint.model.arrays().items()
    return told, {name: (each.dtype, each.shape, each.tobytes()) for name, each in arrays}


@pytest.mark.parametrize("model", ["mlp", "gru", "ngram"])
def test_what_is_pasted_is_learnt_as_the_command_line_learns_a_file(trainings, tmp_path, model):
    options = {} if model == "ngram" else {**FEW, "steps": 20}
    job = trainings.begin(model=model, options=options, seed=5)
    while trainings.asked("train/watch", job=job, typed="ba")["state"] == "running":
        trainings.asked("step", typed="ba")
    assert trainings.ended(job)["state"] == "done"
    trainings.asked("train/keep", job=job, name="pasted")
    written = [word for each in options.items() for word in ("-o", "=".join(map(str, each)))]
    output = tmp_path / "file.safetensors"
    typed = ["--corpus", words_file(tmp_path), "--model", model, "--seed", 5, *written]
    assert tokgen("train", *typed, "--output", output).code == 0
    (kept,) = find_kept(["pasted"])
    pasted, trained = (told_of(Checkpoint.load(path)) for path in (kept.path, output))
    for told, _ in (pasted, trained):  # A list has another name than a file.
        del told["corpus"]["name"], told["recipe"]["corpus"]
    assert pasted == trained
    assert tokgen("next", "ba", "--checkpoint", "kept:pasted").code == 0


def test_a_corpus_is_learnt_as_the_command_line_learns_it(trainings, tmp_path):
    asked = {"corpus": "indian-names", "words": None, "model": "mlp", "options": FEW}
    job = trainings.begin(**asked, steps=6, seed=1)
    assert trainings.ended(job)["state"] == "done"
    output = tmp_path / "file.safetensors"
    written = [word for each in FEW.items() for word in ("-o", "=".join(map(str, each)))]
    typed = ["--model", "mlp", "--seed", 1, *written, "-o", "steps=6"]
    assert tokgen("train", *typed, "--output", output).code == 0
    made = trainings.desk.job(job).model.checkpoint
    assert told_of(made) == told_of(Checkpoint.load(output))


def test_the_file_of_the_server_itself_is_learnt_from(tmp_path):
    table = coloured_table(tmp_path)
    typed = ["--corpus", table, "--column", "word", "--where", "colour=red", "--model", "ngram"]
    output = tmp_path / "file.safetensors"
    assert tokgen("train", *typed, "-o", "order=2", "--seed", 0, "--output", output).code == 0
    chosen = choose(ModelRequest(str(table), where={"colour": "red"}, column="word", model="ngram"))
    model = TextModel(chosen.checkpoint, chosen.corpus)
    with closing(Trainings(model)) as trainings:
        told, _ = trainings.asked("facts")["training"]["corpora"]
        assert told == {"name": "words.csv", "title": "words.csv", "documents": 40}
        asked = {"corpus": "words.csv", "words": None, "model": "ngram", "options": {"order": 2}}
        job = trainings.begin(**asked)
        assert trainings.ended(job)["state"] == "done"
        made = trainings.desk.job(job).model.checkpoint
        assert told_of(made) == told_of(Checkpoint.load(output))
        answer = trainings.client.post("/page/train", json={"corpus": str(table), "model": "ngram"})
        assert answer.status_code == 404


def test_a_training_that_is_stopped_keeps_the_best_weights(trainings):
    job = trainings.begin(model="mlp", options={**FEW, "patience": 0}, steps=5000)
    trainings.after_step(job, 12)
    told = trainings.asked("train/stop", job=job)
    assert told["state"] == "stopped"
    best = min((each["validation"], each["step"]) for each in told["losses"] if each["validation"])
    assert f"the weights of step {best[1]:,}" in told["verdict"]
    metrics = trainings.desk.job(job).model.metadata.metrics
    assert metrics["stopped_at_step"] == told["step"]
    assert metrics["steps"] == best[1]
    assert abs(metrics["validation_loss"] - best[0]) < 1e-4
    assert trainings.asked("train/stop", job=job)["state"] == "stopped"


def test_a_training_that_is_stopped_before_an_evaluation_keeps_its_present_weights(trainings):
    job = trainings.begin(model="mlp", options={"evaluate_every": 5000}, steps=5000)
    trainings.after_step(job, 3)
    told = trainings.asked("train/stop", job=job)
    assert told["verdict"].endswith("the weights of this step are kept.")
    assert told["next"]["now"] != told["next"]["start"]
    trainings.asked("train/keep", job=job, name="early")
    (kept,) = find_kept(["early"])
    assert kept.state == "stopped"
    assert kept.metrics["steps"] == kept.metrics["stopped_at_step"] == told["step"]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("failing", "The model 'failing' of the file wrong_models.py failed in fit: ValueError"),
        ("exiting", "failed in fit: SystemExit: 3."),
        ("gone", "ended without a word"),
    ],
)
def test_a_plugin_that_fails_ends_the_training_alone(wrong, model, said):
    job = wrong.begin(model=model)
    told = wrong.ended(job)
    assert told["state"] == "failed"
    assert said in told["message"]
    assert wrong.asked("step", typed="ba")["next"]


def test_a_model_that_comes_to_no_step_is_ended(names, wrong):
    with closing(Trainings(names, TrainingLimits(stopping=0.2))) as trainings:
        job = trainings.begin(model="slow")
        trainings.after_step(job, 1)
        told = trainings.asked("train/stop", job=job)
        assert (told["state"], told["next"]) == ("stopped", None)
        process = trainings.desk.job(job).training.process
        assert wait([process.sentinel], 10)


def test_the_steps_that_a_model_takes_by_itself_are_within_the_limit_too(names):
    with closing(Trainings(names, TrainingLimits(steps=3))) as trainings:
        begun = trainings.asked("train", words="\n".join(WORDS), model="mlp", options=FEW)
        assert begun["steps"] == 3
        assert (
            "By itself the model would take 1,200 steps; at most 3 are taken here."
            in (begun["note"])
        )
        assert trainings.ended(begun["job"])["step"] == 3


def test_a_model_that_is_too_large_is_refused_with_the_number_that_would_do(trainings):
    answer = trainings.client.post(
        "/page/train",
        json={"words": "ab\nba", "model": "mlp", "options": {"hidden": 9000, "embedding": 9000}},
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "limit_exceeded")
    assert "at most 2,000,000 are trained here" in error["message"]


def test_a_wrong_option_is_refused_as_the_command_line_refuses_it(trainings):
    answer = trainings.client.post(
        "/page/train", json={"words": "ab\nba", "model": "mlp", "options": {"activation": "sin"}}
    )
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert "'activation'" in error["message"]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_ctrl_c_reaches_the_server_and_not_the_training(trainings):
    job = trainings.begin(model="mlp", options=FEW, steps=5000)
    trainings.after_step(job, 1)
    process = trainings.desk.job(job).training.process
    os.kill(process.pid, signal.SIGINT)
    step = trainings.asked("train/watch", job=job)["step"]
    trainings.after_step(job, step + 2)
    trainings.close()
    assert wait([process.sentinel], 10)
