"""Whatever two pages ask in whatever order, a desk has one training, and answers as it should."""

from __future__ import annotations

import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from overlapping import MODELS
from scripted_training import TYPED, ScriptedTraining, ServerThatTrains

from tokgen.server.training_limits import TrainingLimits

LIMITS = TrainingLimits(seconds=100, unwatched=30, held=60)
NAMES = ("a", "b")


class TwoPages(RuleBasedStateMachine):
    """What is asked and told, beside what the answers must be."""

    jobs = Bundle("jobs")

    def __init__(self):
        super().__init__()
        self.home, self.patched = tempfile.TemporaryDirectory(), pytest.MonkeyPatch()
        self.patched.setenv("XDG_DATA_HOME", self.home.name)
        self.server = ServerThatTrains(MODELS["table"], LIMITS)
        self.job, self.state, self.has_content = None, None, False
        self.kept = {}
        self.told = []
        self.begun = self.watched = self.ended = 0.0

    def teardown(self):
        self.patched.undo()
        self.home.cleanup()

    def is_there(self, job):
        """Whether it is still held, now that somebody asks."""
        now = self.server.now
        if self.job is not None and self.state == "running":
            if now - self.begun > LIMITS.seconds or now - self.watched > LIMITS.unwatched:
                self.end("stopped", has_content=True)
        elif self.job is not None and now - self.ended > LIMITS.held:
            self.job = None
        return self.job is not None and job == self.job

    def end(self, state, *, has_content):
        self.state, self.has_content, self.ended = state, has_content, self.server.now

    @rule(target=jobs)
    def train(self):
        self.is_there(None)
        answer = self.server.post("train", words=TYPED, model="mlp")
        if self.job is not None and self.state == "running":
            assert answer.status_code == 409
            return self.job
        assert answer.status_code == 200
        self.job, self.state, self.told = answer.json()["job"], "running", []
        self.begun = self.watched = self.server.now
        return self.job

    @rule(step=st.integers(0, 20), loss=st.floats(0, 9))
    def report(self, step, loss):
        if self.server.trainings:
            self.server.training.reports(step, loss)
            if self.job is not None and self.state == "running":
                self.told.append(step)

    @rule(seed=st.integers(0, 1))
    def show(self, seed):
        if self.server.trainings:
            self.server.training.shows_first()
            self.server.training.shows(seed)
            self.begun = self.server.now if self.state == "running" else self.begun

    @rule(state=st.sampled_from(["done", "failed"]))
    def finish(self, state):
        if self.server.trainings:
            self.server.training.ends(state, keeps=state == "done")
            if self.job is not None and self.state == "running":
                self.end(state, has_content=state == "done")

    @rule(job=jobs, since=st.none() | st.integers(0, 20))
    def watch(self, job, since):
        is_there = self.is_there(job)
        answer = self.server.post("train/watch", job=job, since=since, typed="ba")
        assert answer.status_code == (200 if is_there else 404)
        if is_there:
            self.watched = self.server.now
            told = answer.json()
            assert told["state"] == self.state
            steps = [each["step"] for each in told["losses"]]
            assert steps == [step for step in self.told if since is None or step > since]
            assert (told["verdict"] is None) == (self.state in ("running", "failed"))
            assert (told["message"] is None) == (self.state != "failed")

    @rule(job=jobs)
    def stop(self, job):
        is_there = self.is_there(job)
        answer = self.server.post("train/stop", job=job)
        assert answer.status_code == (200 if is_there else 404)
        if is_there:
            if self.state == "running":
                self.end("stopped", has_content=True)
            self.watched = self.server.now
            assert answer.json()["state"] == self.state

    @rule(job=jobs, name=st.sampled_from(NAMES))
    def keep(self, job, name):
        is_there = self.is_there(job)
        answer = self.server.post("train/keep", job=job, name=name)
        if not is_there:
            assert answer.status_code == 404
        elif self.state == "running" or not self.has_content:
            assert answer.status_code == 409
        elif self.kept.setdefault(name, job) == job:
            assert answer.json() == {"model": f"kept:{name}"}
        else:
            assert answer.status_code == 400

    @rule(job=jobs)
    def forget(self, job):
        is_there = self.is_there(job)
        answer = self.server.post("train/forget", job=job)
        assert answer.status_code == (200 if is_there else 404)
        if is_there:
            self.job = None

    @rule(seconds=st.sampled_from([1, 29, 31, 61, 101]))
    def wait(self, seconds):
        self.server.now += seconds

    @invariant()
    def the_kept_models_are_asked_and_the_training_is_found(self):
        self.is_there(None)
        facts = self.server.asked("facts")
        kept = [name for name in facts["models"] if name.startswith("kept:")]
        assert sorted(kept) == sorted(f"kept:{name}" for name in self.kept)
        found = facts["training"]["job"]
        assert (found and found["job"]) == self.job

    @invariant()
    def one_process_runs_at_most(self):
        running = [each for each in self.server.trainings if not each.is_over]
        assert len(running) == (self.job is not None and self.state == "running")


TwoPages.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestTwoPages = TwoPages.TestCase


def test_a_training_that_is_played_stops_when_it_is_asked():
    said = []
    training = ScriptedTraining(None, said.append)
    training.ask("stop")
    assert (said[-1].state, training.is_over) == ("stopped", True)
