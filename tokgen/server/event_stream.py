"""A stream of server-sent events: sent as they come, as long as somebody reads and time is left."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

from anyio import move_on_after
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tokgen.server.patience import Patience

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
DONE = "data: [DONE]\n\n"
# Made once: each token is an event.
as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Who does not read the events in time is told so only if they make room for it soon.
SECONDS_FOR_THE_ERROR = 1.0


class EventStream(Response):
    """The answer of a request that streams.

    Args:
        events: as `event` writes them.
        held: what the request holds until its last event.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], patience: Patience, held: AsyncExitStack):
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._events, self._patience, self._held = events, patience, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        async with self._held:
            with suppress(OSError):  # So some servers tell that the client has gone.
                await self._send_all(send)

    async def _send_all(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        with self._patience.limit():
            await send(start)
            async for each in self._events:
                await send(_part(each))
            await send(_part("", is_last=True))
            return
        with move_on_after(SECONDS_FOR_THE_ERROR):
            await send(_part(event(as_json(self._patience.error.as_json()))))
            await send(_part("", is_last=True))


def _part(text: str, *, is_last: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": not is_last}


def event(written: str) -> str:
    """One event, of its content as JSON."""
    return f"data: {written}\n\n"
