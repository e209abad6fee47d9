"""The page's endpoints of trainings; each is refused where the server was not told to train."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from anyio import sleep
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tokgen.server.api_errors import ApiError, over_limit
from tokgen.server.bodies import Body
from tokgen.server.patience import AnsweredInTime, Patience
from tokgen.server.shelf import Shelf
from tokgen.server.training_bodies import JobBody, KeepBody, TrainBody, WatchBody
from tokgen.server.training_corpora import TrainingCorpora
from tokgen.server.training_desk import TrainingDesk
from tokgen.server.training_facts import (
    OfferedModel,
    limits_as_json,
    model_as_json,
    offered_models,
)
from tokgen.server.training_job import Job, Json
from tokgen.server.training_requests import wanted
from tokgen.server.working import Workers
from tokgen.text_model.finite_json import finite_json

Asked = TypeVar("Asked", bound=Body)
LOOKS_EVERY = 0.02
NOT_ALLOWED = "This server trains no models: tokgen serve --allow-training lets it."


class TrainingEndpoints:
    """What the page asks of the trainings at a desk; None where there is no desk."""

    def __init__(self, desk: TrainingDesk | None, shelf: Shelf, workers: Workers) -> None:
        self._there = desk
        self._shelf = shelf
        self._workers = workers
        self._corpora = TrainingCorpora(shelf.own.text_model)

    def routes(self) -> list[Route]:
        """The routes of the page's trainings."""
        return [
            self._route("", TrainBody, self._train),
            self._route("/watch", WatchBody, self._watch),
            self._route("/stop", JobBody, self._stop),
            self._route("/keep", KeepBody, self._keep),
            self._route("/forget", JobBody, self._forget),
        ]

    def facts(self) -> Json | None:
        """What can be trained, and the training that there is."""
        if self._there is None:
            return None
        job = self._desk.present
        return {
            "corpora": list(self._corpora.told()),
            "models": [model_as_json(model) for model in self._offered.values()],
            "limits": limits_as_json(self._desk.limits),
            "job": job.described() if job is not None and job.begun is not None else None,
        }

    @property
    def _desk(self) -> TrainingDesk:
        if self._there is None:
            raise ApiError(403, NOT_ALLOWED, code="training_not_allowed")
        return self._there

    @cached_property
    def _offered(self) -> dict[str, OfferedModel]:
        return {model.name: model for model in offered_models(self._desk.limits)}

    async def _train(self, body: TrainBody) -> Json:
        job = await self._workers.run(partial(self._begun, body))
        while not job.has_begun.is_set():
            await sleep(LOOKS_EVERY)
        refused = job.refused
        if refused is not None:
            self._desk.forget(job)
            if refused.over_limit:
                raise over_limit(refused.sentence, refused.field or "options")
            if refused.failed:
                raise ApiError(500, refused.sentence, code="plugin_failed")
            raise ApiError(422, refused.sentence, refused.field, "invalid_value")
        if job.begun is None:
            raise ApiError(500, job.ended.said if job.ended else "", code="server_error")
        return job.described()

    def _begun(self, body: TrainBody) -> Job:
        asked = wanted(body, self._corpora, self._offered, self._desk.limits)
        return self._desk.begin(asked.recipe, asked.corpus, asked.words)

    async def _watch(self, body: WatchBody) -> Json:
        self._check_length(body.typed)
        job = self._desk.job(body.job)
        return await self._workers.run(partial(job.watched, body.since, body.typed))

    def _check_length(self, typed: str) -> None:
        most = self._shelf.own.limits.prompt_tokens
        if len(typed) > most:
            said = f"The text has {len(typed):,} characters; at most {most:,} are read."
            raise over_limit(said, "typed")

    async def _stop(self, body: JobBody) -> Json:
        job = self._desk.job(body.job)
        job.stop()
        while not job.is_over.is_set():
            await sleep(LOOKS_EVERY)
            self._desk.look()
        return await self._workers.run(partial(job.watched, None, ""))

    async def _keep(self, body: KeepBody) -> Json:
        return await self._workers.run(partial(self._kept, body))

    def _kept(self, body: KeepBody) -> Json:
        job = self._desk.job(body.job)
        name = self._desk.keep(job, body.name)
        model = job.model
        assert model is not None
        self._shelf.put(name, replace(self._shelf.own, text_model=model))
        return {"model": name}

    async def _forget(self, body: JobBody) -> Json:
        self._desk.forget(self._desk.job(body.job))
        return {}

    def _route(
        self, name: str, kind: type[Asked], answer: Callable[[Asked], Awaitable[Any]]
    ) -> Route:
        async def endpoint(request: Request) -> ASGIApp:
            _ = self._desk
            return AnsweredInTime(request, kind, self._shelf.own.limits, found)

        async def found(body: Asked, _: Patience) -> Response:
            with self._workers.admitted():
                return JSONResponse(finite_json(await answer(body)))

        return Route(f"/page/train{name}", endpoint, methods=["POST"])
