"""The desk at which the page asks for trainings: one at a time, and none goes on unwatched."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Event, Lock

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.plugin_api.fit_run import Progress
from tokgen.server.api_errors import ApiError
from tokgen.server.shelf import called_kept
from tokgen.server.training_job import Job, Training
from tokgen.server.training_limits import TrainingLimits
from tokgen.server.training_messages import Message, Order
from tokgen.server.training_process import TrainingProcess
from tokgen.training.named_models import keep_as
from tokgen.training.recipe import Recipe

LOOKS_EVERY = 0.5
FORGOTTEN = "The training was forgotten."
DID_NOT_STOP = "The model came to no further step when it was to stop: nothing is kept."

Starting = Callable[[Order, Callable[[Message | Progress], None]], Training]


class TrainingDesk:
    """The one training that runs or is held.

    Args:
        start: begins a training, and has it tell what happens.
        clock: the time in seconds.
    """

    def __init__(
        self,
        limits: TrainingLimits | None = None,
        start: Starting = TrainingProcess,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or TrainingLimits()
        self._start = start
        self._clock = clock
        self._job: Job | None = None
        self._names: dict[str, str] = {}
        self._changing = Lock()
        self._closed = Event()

    @property
    def present(self) -> Job | None:
        """The training that runs or is held; None where there is none."""
        self.look()
        return self._job

    def begin(self, recipe: Recipe, corpus: Corpus, words: bytes | None) -> Job:
        """Begin a training; one that has ended gives way.

        Raises:
            ApiError: 409, another one runs.
        """
        self.look()
        limits = self.limits
        files = tuple(registry.added_files())
        order = Order(recipe, words, files, limits.parameters, limits.steps, limits.memory)
        with self._changing:
            if self._job is not None and not self._job.is_over.is_set():
                said = "Another training runs: the server trains one model at a time."
                raise ApiError(409, said, code="training_busy")
            job = Job(secrets.token_hex(8), recipe, corpus, self._clock)
            self._job = job
        try:
            job.training = self._start(order, job.take)
        except BaseException:
            self._forget(job)
            raise
        return job

    def job(self, name: str) -> Job:
        """The training of this id.

        Raises:
            ApiError: 404, it is not held any more.
        """
        job = self.present
        if job is None or job.id != name:
            said = f"There is no training {name!r} here: it may have been forgotten since."
            raise ApiError(404, said, "job", "job_not_found")
        return job

    def keep(self, job: Job, name: str) -> str:
        """Keep what was trained under a name, and give the name by which it is asked.

        Raises:
            ApiError: 409, it still runs, there is nothing to keep, or the name is taken.
            TokgenError: it cannot be written.
        """
        if not job.is_over.is_set():
            raise ApiError(409, "The training still runs: stop it first.", "job", "training_runs")
        model = job.model if job.ended and job.ended.content else None
        if model is None:
            raise ApiError(409, "The training left nothing to keep.", "job", "nothing_to_keep")
        with self._changing:
            if self._names.get(name) != job.id:
                keep_as(name, model.checkpoint, self.limits.kept)
                self._names[name] = job.id
        return called_kept(name)

    def forget(self, job: Job) -> None:
        """Hold it no longer; one that runs is ended."""
        self._forget(job)

    def _forget(self, job: Job) -> None:
        with self._changing:
            if self._job is job:
                self._job = None
        job.kill(FORGOTTEN)

    def look(self) -> None:
        """Stop what runs too long or unwatched, and forget what ended long ago."""
        job, limits, now = self._job, self.limits, self._clock()
        if job is None:
            return
        if job.is_over.is_set():
            if now - job.ended_at > limits.held:
                self._forget(job)
        elif job.stopping_at is not None:
            if now - job.stopping_at > limits.stopping:
                job.kill(DID_NOT_STOP)
        elif now - job.begun_at > limits.seconds or now - job.watched_at > limits.unwatched:
            job.stop()

    def keep_looking(self) -> None:
        """Look again and again, until the desk is closed."""
        while not self._closed.wait(LOOKS_EVERY):
            self.look()

    def close(self) -> None:
        """End what runs."""
        self._closed.set()
        job = self._job
        if job is not None:
            self._forget(job)
