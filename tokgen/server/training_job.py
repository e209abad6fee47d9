"""A training as the page sees it: losses as they come, and what the model says meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event, RLock
from typing import Any, Literal, Protocol

import numpy as np

from tokgen.arrays import Arrays
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.once import called
from tokgen.errors import RequestError, sentence_about
from tokgen.plugin_api.fit_run import Progress
from tokgen.server.recent_answers import RecentAnswers
from tokgen.server.training_messages import (
    Asked,
    Begun,
    Ended,
    FirstWeights,
    Message,
    Refused,
    Weights,
)
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.recipe import Recipe

State = Literal["running", "done", "stopped", "failed"]
Json = dict[str, Any]
PLANE = 2
# A class that watches one training asks for its weights no more often than one page does.
SECONDS_BETWEEN_WEIGHTS = 0.2


class Training(Protocol):
    """What does the work."""

    def ask(self, what: Asked) -> None:
        """Ask for weights, or to stop."""

    def kill(self) -> None:
        """End it at once."""


@dataclass
class Job:
    """One training.

    Attributes:
        id: by which the page calls it.
        corpus: what is learnt from.
        clock: the time in seconds.
        watched_at: when somebody last asked for it.
    """

    id: str
    recipe: Recipe
    corpus: Corpus
    clock: Callable[[], float]
    training: Training | None = None
    begun: Begun | None = None
    refused: Refused | None = None
    ended: Ended | None = None
    begun_at: float = 0.0
    ended_at: float = 0.0
    stopping_at: float | None = None
    watched_at: float = 0.0
    step: int = 0
    losses: list[Progress] = field(default_factory=list)
    # Set once it is known whether it begins, and once it is over.
    has_begun: Event = field(default_factory=Event)
    is_over: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._start: TextModel | None = None
        self._now: TextModel | None = None
        self._arrays: Arrays | None = None
        self._asked_at = -math.inf
        self._answers = RecentAnswers()
        self.begun_at = self.watched_at = self.clock()

    @property
    def state(self) -> State:
        """How far it is."""
        return "running" if self.ended is None else self.ended.state

    def take(self, message: Message | Progress) -> None:
        """Take what the training tells; after its end nothing is taken.

        A model that cannot be read here ends it: whoever waits for it would wait in vain.
        """
        with self._lock:
            if self.is_over.is_set():
                return
            try:
                self._take(message)
            except Exception as error:
                self._end(Ended("failed", None, sentence_about(error)))
                self._kill()
            if not isinstance(message, Progress):
                self.has_begun.set()

    def _take(self, message: Message | Progress) -> None:
        match message:
            case Progress():
                self._progress(message)
            case Begun():
                self.begun, self.begun_at = message, self.clock()
            case FirstWeights():
                self._start = self._now = self._opened(message.content)
                self.begun_at = self.clock()
            case Weights():
                self._arrays, self._answers = message.arrays, RecentAnswers()
            case Refused():
                self.refused = message
                self._end(Ended("failed", None, message.sentence))
            case Ended():
                self._end(message)

    def _progress(self, progress: Progress) -> None:
        self.step = progress.step
        if progress.has_losses:
            self.losses.append(progress)

    def _end(self, ended: Ended) -> None:
        if ended.content is not None:
            self._now, self._answers = self._opened(ended.content), RecentAnswers()
        self.ended, self.ended_at, self._arrays = ended, self.clock(), None
        self.is_over.set()

    def _opened(self, content: bytes) -> TextModel:
        return TextModel(Checkpoint.of_content(content), self.corpus)

    @property
    def model(self) -> TextModel | None:
        """The model with the newest weights that are known; None before there are any."""
        with self._lock:
            if self._arrays is not None and self._start is not None:
                begun = self._start.checkpoint
                model = type(begun.model).from_arrays(
                    begun.model.options, begun.model.vocabulary, self._arrays, begun.model.parts
                )
                now = Checkpoint(model, begun.tokenizer, begun.metadata)
                self._now, self._arrays = TextModel(now, self.corpus), None
            return self._now

    def stop(self) -> None:
        """Ask it to end; it keeps the best weights."""
        if self.stopping_at is None and not self.is_over.is_set():
            self.stopping_at = self.clock()
            self._ask("stop")

    def kill(self, said: str) -> None:
        """End it at once, with nothing to keep."""
        self.take(Ended("stopped", None, said))
        self._kill()

    def _kill(self) -> None:
        if self.training is not None:
            self.training.kill()

    def _ask(self, what: Asked) -> None:
        if self.training is not None:
            self.training.ask(what)

    def described(self) -> Json:
        """What is the same for the whole training."""
        begun = self.begun
        assert begun is not None
        return {
            "job": self.id,
            "corpus": called(self.corpus.name),
            "model": self.recipe.model,
            "options": self.recipe.options,
            "seed": self.recipe.seed,
            "documents": begun.documents,
            "train": begun.train,
            "validation": begun.validation,
            "symbols": list(begun.symbols),
            "parameters": begun.parameters,
            "steps": begun.steps,
            "guessing": begun.guessing,
            "frequency": begun.frequency,
            "ngram": begun.ngram,
            "note": begun.note,
        }

    def watched(self, since: int | None, typed: str) -> Json:
        """What is new after a step, and the distribution after a text."""
        with self._lock:
            self.watched_at = self.clock()
            ended = self.ended
            model = self.model
            told = {
                "job": self.id,
                "state": self.state,
                "step": self.step,
                "steps": self.begun.steps if self.begun else 0,
                "seconds": (self.ended_at if ended else self.watched_at) - self.begun_at,
                "losses": [_loss(each) for each in self.losses if _is_after(each, since)],
                "verdict": ended.said if ended and ended.state != "failed" else None,
                "message": ended.said if ended and ended.state == "failed" else None,
                "next": None,
                "embeddings": None,
            }
            if model is not None:
                said = partial(_said, self._start, model, typed)
                told |= self._answers.of(typed, said)
            if ended is None and self.watched_at - self._asked_at >= SECONDS_BETWEEN_WEIGHTS:
                self._asked_at = self.watched_at
                self._ask("show")
            return told


def _is_after(progress: Progress, since: int | None) -> bool:
    return since is None or progress.step > since


def _loss(progress: Progress) -> Json:
    return {
        "step": progress.step,
        "train": progress.loss,
        "validation": progress.validation_loss,
    }


def _said(start: TextModel | None, now: TextModel, typed: str) -> Json:
    return {"next": _next(start, now, typed), "embeddings": _on_a_plane(now)}


def _next(start: TextModel | None, now: TextModel, typed: str) -> Json:
    """The distribution after a text, before the training and now."""
    known = {"symbols": list(now.tokenizer.symbols), "end_id": now.tokenizer.terminator_id}
    try:
        shown = now.next(typed)
        before = None if start is None else start.next(typed)
    except RequestError as error:
        return {**known, "start": None, "now": None, "window": [], "error": str(error)}
    return {
        **known,
        "start": None if before is None else np.exp(before.logprobs).tolist(),
        "now": np.exp(shown.logprobs).tolist(),
        "window": list(shown.window),
    }


def _on_a_plane(model: TextModel) -> Json | None:
    """The rows of an embedding table that has two columns."""
    table = model.model.embedding_table()
    if table is None or table.shape[1] != PLANE:
        return None
    return {"symbols": list(model.tokenizer.symbols), "now": table.tolist()}
