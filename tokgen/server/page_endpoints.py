"""The page's endpoints: a body that holds the whole place, and the answer that follows from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tokgen.server import page_answers
from tokgen.server.page_bodies import (
    DrawBody,
    ExactBody,
    ModelBody,
    PlaceBody,
    StepBody,
    TopBody,
    TreeBody,
)
from tokgen.server.page_facts import facts
from tokgen.server.patience import AnsweredInTime, Patience
from tokgen.server.recent_answers import RecentAnswers
from tokgen.server.served_model import ServedModel
from tokgen.server.shelf import Shelf
from tokgen.server.training_endpoints import TrainingEndpoints
from tokgen.server.working import Workers
from tokgen.text_model.finite_json import finite_json

Asked = TypeVar("Asked", bound=ModelBody)
Json = dict[str, Any]


class PageEndpoints:
    """What the page asks of the models on a shelf."""

    def __init__(self, shelf: Shelf, workers: Workers, trainings: TrainingEndpoints) -> None:
        self._shelf = shelf
        self._workers = workers
        self._trainings = trainings
        self._exact = RecentAnswers()

    def routes(self) -> list[Route]:
        """The routes of the page's requests."""
        return [
            self._route("facts", ModelBody, lambda served, _: self._facts(served)),
            self._route("step", StepBody, page_answers.step),
            self._route("draw", DrawBody, page_answers.draw),
            self._route("path", PlaceBody, page_answers.path),
            self._route("tree", TreeBody, page_answers.tree),
            self._route("explain", PlaceBody, page_answers.explain),
            self._route("exact", ExactBody, page_answers.exact, is_exact_work=True),
            self._route("top", TopBody, page_answers.top, is_exact_work=True),
        ]

    def _facts(self, served: ServedModel) -> Json:
        return {**facts(self._shelf, served), "training": self._trainings.facts()}

    def _route(
        self,
        name: str,
        kind: type[Asked],
        answer: Callable[[ServedModel, Asked], Json],
        *,
        is_exact_work: bool = False,
    ) -> Route:
        def answered(body: Asked) -> Json:
            return finite_json(answer(self._shelf.named(body.model), body))

        def known(body: Asked) -> Json:
            return self._exact.of((name, body.model_dump_json()), partial(answered, body))

        async def endpoint(request: Request) -> ASGIApp:
            return AnsweredInTime(request, kind, self._shelf.own.limits, found)

        async def found(body: Asked, _: Patience) -> Response:
            async with AsyncExitStack() as held:
                held.enter_context(self._workers.admitted())
                if is_exact_work:
                    await held.enter_async_context(self._workers.exact_work)
                work = known if is_exact_work else answered
                return JSONResponse(await self._workers.run(partial(work, body)))

        asked: Callable[[Request], Awaitable[ASGIApp]] = endpoint
        return Route(f"/page/{name}", asked, methods=["POST"])
