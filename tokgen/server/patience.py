"""Patience: the work of a request goes on as long as its client waits and its time lasts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from anyio import CancelScope, create_task_group, current_time
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tokgen.server.api_errors import ApiError
from tokgen.server.bodies import Body
from tokgen.server.limits import Limits
from tokgen.server.reading_bodies import read_body

Asked = TypeVar("Asked", bound=Body)
Answer = TypeVar("Answer")


class Patience:
    """Until when a request may run; it begins with the request."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = current_time() + seconds

    def limit(self) -> CancelScope:
        """What is done in this scope is cancelled when the time is over."""
        return CancelScope(deadline=self._until)

    async def of(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """What some work gives in time.

        Raises:
            ApiError: 422, the time is over.
        """
        with self.limit():
            return await work()
        raise self.error

    @property
    def error(self) -> ApiError:
        """What is said when the time is over."""
        said = f"The request took longer than the {self._seconds:g} seconds that each may take."
        return ApiError(422, said, code="time_limit_exceeded")


class AnsweredInTime:
    """The answer to a request, worked out and sent while its client waits and its time lasts.

    Args:
        kind: of its body.
        answer: what its body is answered.
    """

    def __init__(
        self,
        request: Request,
        kind: type[Asked],
        limits: Limits,
        answer: Callable[[Asked, Patience], Awaitable[Response]],
    ) -> None:
        self._patience = Patience(limits.seconds)
        self._read = partial(read_body, request, kind, limits)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, and answer it.

        Raises:
            ApiError: as `read_body`; or 422, the time is over.
        """
        body = await self._patience.of(self._read)
        failure = None
        async with create_task_group() as group:
            group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
            try:
                response = await self._patience.of(partial(self._answer, body, self._patience))
                await response(scope, receive, send)
            except Exception as error:
                failure = error  # A task group would wrap it.
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure


async def _cancel_when_gone(receive: Receive, scope: CancelScope) -> None:
    """Cancel a scope when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
