"""The endpoints: a request read, answered off the event loop, and written as JSON."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from tokgen import __version__
from tokgen.errors import RequestError
from tokgen.server.api_errors import error_for
from tokgen.server.bodies import Body, CompletionBody, DetokenizeBody, TokenizeBody
from tokgen.server.choices import Delta
from tokgen.server.completions import Completion
from tokgen.server.event_stream import DONE, EventStream, as_json, event
from tokgen.server.lanes import Lanes
from tokgen.server.openapi import description
from tokgen.server.patience import AnsweredInTime, Patience
from tokgen.server.responses import Answer
from tokgen.server.served_model import ServedModel
from tokgen.server.understanding import understood
from tokgen.server.working import Workers, slices

Asked = TypeVar("Asked", bound=Body)

# Characters, or ids.
SHORT = 256


class Endpoints:
    """What a server answers."""

    def __init__(self, served: ServedModel, workers: Workers) -> None:
        self._served = served
        self._workers = workers
        self._lanes = Lanes(workers)

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

    async def tokenize(self, request: Request) -> ASGIApp:
        """The ids of a text; none, and why, where the vocabulary cannot encode it."""
        return self._answer(request, TokenizeBody, self._tokenized)

    async def detokenize(self, request: Request) -> ASGIApp:
        """The text of ids, under both names that clients read."""
        return self._answer(request, DetokenizeBody, self._detokenized)

    async def completions(self, request: Request) -> ASGIApp:
        """What the model makes of prompts, whole or as a stream of events."""
        return self._answer(request, CompletionBody, self._completed)

    def _answer(
        self,
        request: Request,
        kind: type[Asked],
        answer: Callable[[Asked, Patience], Awaitable[Response]],
    ) -> ASGIApp:
        return AnsweredInTime(request, kind, self._served.limits, answer)

    async def _tokenized(self, body: TokenizeBody, _: Patience) -> Response:
        self._served.check_name(body.model)
        refused = None
        try:
            ids = await self._workers.run(partial(self._served.ids_of, body.text))
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

    async def _detokenized(self, body: DetokenizeBody, _: Patience) -> Response:
        self._served.check_name(body.model)
        text = await self._workers.run(partial(self._served.text_of, body.tokens))
        return JSONResponse({"prompt": text, "content": text})

    async def _completed(self, body: CompletionBody, patience: Patience) -> Response:
        async with AsyncExitStack() as held:
            held.enter_context(self._workers.admitted())
            asked = await self._understood(body)
            if asked.is_exact_work:
                await held.enter_async_context(self._workers.exact_work)
            answer = Answer(asked, self._served.name)
            batches = await held.enter_async_context(aclosing(self._deltas(asked)))
            if not body.stream:
                deltas = [delta async for batch in batches for delta in batch]
                return JSONResponse(answer.whole(deltas))
            # What is wrong shows before the first event, while the status can still tell it.
            first = await _next(batches)
            return EventStream(_events(asked, answer, first, batches), patience, held.pop_all())

    async def _understood(self, body: CompletionBody) -> Completion:
        read = partial(understood, self._served, body)
        # To hand a short prompt to a thread takes longer than to read it.
        is_short = sum(map(len, body.prompts)) <= SHORT and body.conditions is None
        return read() if is_short else await self._workers.run(read)

    async def _deltas(self, asked: Completion) -> AsyncGenerator[list[Delta], None]:
        """What is new, as it comes; lists that are not empty."""
        if asked.tells_by_itself:
            async with aclosing(slices(asked.deltas(), self._workers.threads)) as alone:
                async for batch in alone:
                    yield batch
        async with aclosing(self._lanes.grown(asked)) as together:
            async for batch in together:
                yield batch

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


async def _events(
    asked: Completion,
    answer: Answer,
    first: list[Delta],
    batches: AsyncIterator[list[Delta]],
) -> AsyncIterator[str]:
    """Server-sent events, as they are sent together; an error that comes in the middle is the last.

    With the last of the choices the end is sent, too: each sending costs as much as some tokens.
    """
    drawn, batch, told = 0, first, ""
    unfinished = asked.count * len(asked.prompts)
    # All events of a stream begin with the same text.
    opening = as_json({**answer.head, "choices": []}).removesuffix("]}")
    try:
        while batch:
            drawn += sum(delta.drawn for delta in batch)
            unfinished -= sum(delta.finish_reason is not None for delta in batch)
            told = "".join(
                event(f"{opening}{as_json(answer.chunk_choice(delta))}]}}") for delta in batch
            )
            if not unfinished:
                break
            yield told
            told, batch = "", await _next(batches)
    except Exception as error:
        yield event(as_json(error_for(error).as_json()))
        return
    if asked.body.stream_options and asked.body.stream_options.include_usage:
        told += event(as_json(answer.usage_chunk(drawn)))
    yield told + DONE
