"""The body of a request, read no further than the server's limit and checked."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from tokgen.server.api_errors import ApiError, invalid
from tokgen.server.bodies import Body
from tokgen.server.limits import Limits

Read = TypeVar("Read", bound=Body)


async def read_body(request: Request, kind: type[Read], limits: Limits) -> Read:
    """What a request asks for.

    Raises:
        ApiError: 413, too large; 400, no JSON or a field named twice; 422, a field is wrong.
    """
    content, most = bytearray(), limits.body_bytes
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise ApiError(413, f"The body is larger than {most:,} bytes.", code="too_large")
    try:
        body = kind.model_validate_json(bytes(content))
    except ValidationError as error:
        raise invalid(error, tuple(kind.model_fields)) from None
    # pydantic takes the last of equal names, and the others would be ignored in silence.
    json.loads(content, object_pairs_hook=_each_name_once)
    return body


def _each_name_once(pairs: list[tuple[str, Any]]) -> None:
    names = Counter(name for name, _ in pairs)
    for name, count in names.items():
        if count > 1:
            said = f"The field {name!r} is given {count} times."
            raise ApiError(400, said, name, "repeated_field")
