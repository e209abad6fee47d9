"""The endpoints: a request read, answered off the event loop, and written as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, Semaphore, to_thread
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tokgen import __version__
from tokgen.errors import RequestError
from tokgen.server.api_errors import ApiError, error_for, invalid
from tokgen.server.bodies import Body, CompletionBody, DetokenizeBody, TokenizeBody
from tokgen.server.choices import Delta
from tokgen.server.completions import Completion, understood
from tokgen.server.openapi import description
from tokgen.server.responses import Answer
from tokgen.server.served_model import ServedModel
from tokgen.server.working import slices

CLIENT_GONE = 499
STREAM = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

Read = TypeVar("Read", bound=Body)


class Endpoints:
    """What a server answers. One request of exact work at a time has the memory for it."""

    def __init__(self, served: ServedModel) -> None:
        self._served = served
        self._threads = CapacityLimiter(served.limits.threads)
        self._exact_work = Semaphore(1)
        self._answering = 0

    async def health(self, request: Request) -> Response:
        """That the server answers, and with what."""
        return JSONResponse(
            {"status": "ok", "model": self._served.name, "version": __version__},
        )

    async def models(self, request: Request) -> Response:
        """The one model that there is."""
        return JSONResponse({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        """The model of this name."""
        self._served.check_name(request.path_params["name"])
        return JSONResponse(self._model())

    async def tokenizer_info(self, request: Request) -> Response:
        """What a client has to know of the vocabulary."""
        tokenizer, vocabulary = self._served.text_model.tokenizer, self._served.text_model.model
        start = tokenizer.start_id
        return JSONResponse(
            {
                "tokenizer_class": type(tokenizer).__name__,
                "vocab_size": vocabulary.vocabulary.size,
                "eos_token": self._served.end,
                "eos_token_id": tokenizer.terminator_id,
                "bos_token": None if start is None else tokenizer.symbols[start],
                "pad_token": None,
                "unk_token": None,
                "chat_template": None,
                "model_max_length": self._served.most_tokens,
            }
        )

    async def openapi(self, request: Request) -> Response:
        """What can be asked, described."""
        return JSONResponse(description())

    async def tokenize(self, request: Request) -> Response:
        """The ids of a text; none, and why, where the vocabulary cannot encode it."""
        body = await self._read(request, TokenizeBody)
        self._served.check_name(body.model)
        refused = None
        try:
            ids = await to_thread.run_sync(self._served.ids_of, body.text, limiter=self._threads)
        except RequestError as error:
            ids, refused = (), str(error)
        symbols = self._served.text_model.tokenizer.symbols
        strings = [symbols[token] for token in ids] if body.return_token_strs else None
        return JSONResponse(
            {
                "count": len(ids),
                "max_model_len": self._served.most_tokens,
                "tokens": list(ids),
                "token_strs": strings,
                **({"message": refused} if refused else {}),
            }
        )

    async def detokenize(self, request: Request) -> Response:
        """The text of ids, under both names that clients read."""
        body = await self._read(request, DetokenizeBody)
        self._served.check_name(body.model)
        text = await to_thread.run_sync(self._served.text_of, body.tokens, limiter=self._threads)
        return JSONResponse({"prompt": text, "content": text})

    async def completions(self, request: Request) -> Response:
        """What the model makes of prompts, whole or as a stream of events."""
        body = await self._read(request, CompletionBody)
        async with AsyncExitStack() as held:
            held.callback(self._one_less)
            self._one_more()
            asked = await to_thread.run_sync(
                partial(understood, self._served, body), limiter=self._threads
            )
            if asked.is_exact_work:
                await held.enter_async_context(self._exact_work)
            answer = Answer(asked, self._served.name)
            batches = await held.enter_async_context(
                aclosing(slices(asked.deltas(), self._threads))
            )
            if not body.stream:
                return await _whole(request, answer, batches)
            # What is wrong shows before the first event, while the status can still tell it.
            first = await _next(batches)
            events = _events(asked, answer, first, batches, held.pop_all())
        return StreamingResponse(events, media_type="text/event-stream", headers=STREAM)

    def _one_more(self) -> None:
        self._answering += 1
        if self._answering > self._served.limits.requests:
            most = f"The server answers {self._served.limits.requests} requests at a time."
            raise ApiError(429, f"{most} Try again in a moment.", code="rate_limit_exceeded")

    def _one_less(self) -> None:
        self._answering -= 1

    async def _read(self, request: Request, kind: type[Read]) -> Read:
        content, most = bytearray(), self._served.limits.body_bytes
        async for part in request.stream():
            content += part
            if len(content) > most:
                raise ApiError(413, f"The body is larger than {most:,} bytes.", code="too_large")
        try:
            return kind.model_validate_json(bytes(content))
        except ValidationError as error:
            raise invalid(error, tuple(kind.model_fields)) from None

    def _model(self) -> dict[str, Any]:
        return {
            "id": self._served.name,
            "object": "model",
            "created": self._served.created,
            "owned_by": "tokgen",
            "max_model_len": self._served.most_tokens,
        }


async def _next(batches: AsyncIterator[list[Delta]]) -> list[Delta]:
    """The next batch; an empty one at the end."""
    async for batch in batches:
        return batch
    return []


async def _whole(request: Request, answer: Answer, batches: AsyncIterator[list[Delta]]) -> Response:
    deltas: list[Delta] = []
    async for batch in batches:
        deltas += batch
        if await request.is_disconnected():
            return Response(status_code=CLIENT_GONE)
    return JSONResponse(answer.whole(deltas))


async def _events(
    asked: Completion,
    answer: Answer,
    first: list[Delta],
    batches: AsyncIterator[list[Delta]],
    held: AsyncExitStack,
) -> AsyncIterator[str]:
    """Server-sent events; an error that comes in the middle is the last one."""
    drawn, batch = 0, first
    async with held:
        try:
            while batch:
                drawn += sum(delta.drawn for delta in batch)
                yield "".join(_event(answer.chunk(delta)) for delta in batch)
                batch = await _next(batches)
        except Exception as error:
            yield _event(error_for(error).as_json())
            return
        if asked.body.stream_options and asked.body.stream_options.include_usage:
            yield _event(answer.usage_chunk(drawn))
        yield "data: [DONE]\n\n"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
