"""The body of a request, read no further than the server's limit and checked."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from tokgen.server.api_errors import ApiError, invalid
from tokgen.server.bodies import Body
from tokgen.server.limits import Limits

Read = TypeVar("Read", bound=Body)


async def read_body(request: Request, kind: type[Read], limits: Limits) -> Read:
    """What a request asks for.

    Raises:
        ApiError: 413, it is too large; 400, it is no JSON; 422, a field is wrong.
    """
    content, most = bytearray(), limits.body_bytes
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise ApiError(413, f"The body is larger than {most:,} bytes.", code="too_large")
    try:
        return kind.model_validate_json(bytes(content))
    except ValidationError as error:
        raise invalid(error, tuple(kind.model_fields)) from None
