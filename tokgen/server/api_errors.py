"""Errors in the shape that clients of OpenAI's API read."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from tokgen.errors import (
    PluginError,
    RequestError,
    TooRareError,
    cut,
    did_you_mean,
    sentence_about,
)

_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
_TOO_MANY, _FAILED = 429, 500
# What a command may be given beside its name, and a request may not.
_OF_COMMANDS = ("plugin",)
# The fields that hold fields.
_NESTED = (("conditions",), ("stream_options",))


class ApiError(Exception):
    """What a request is answered with instead of what it asks for.

    Attributes:
        status: of the answer.
        param: the field of the request that is wrong.
        code: a word for programs.
    """

    def __init__(
        self, status: int, message: str, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(cut(message))
        self.status = status
        self.param = param
        self.code = code

    def as_json(self) -> dict[str, Any]:
        """`{"error": {"message", "type", "param", "code"}}`."""
        return {
            "error": {
                "message": str(self),
                "type": _type_of(self.status),
                "param": self.param,
                "code": self.code,
            }
        }


def over_limit(message: str, param: str) -> ApiError:
    """What a request asks for is more than the server gives."""
    return ApiError(422, message, param, "limit_exceeded")


def error_for(error: BaseException) -> ApiError:
    """What is answered where an error arose: 400 where the request was wrong, 500 else.

    Conditions that are too rare are 422: clients send again what is answered with 500.
    """
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestError):
        param = None if error.field in _OF_COMMANDS else error.field
        return ApiError(400, str(error), param, "invalid_value")
    if isinstance(error, TooRareError):
        return ApiError(422, str(error), "conditions", "too_rare")
    code = "plugin_failed" if isinstance(error, PluginError) else "server_error"
    return ApiError(_FAILED, sentence_about(error), code=code)


def invalid(error: ValidationError, known: tuple[str, ...]) -> ApiError:
    """The first thing that is wrong in a request's body; `known` are the fields there are."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = _field(first["loc"])
    if first["type"] == "json_invalid":
        return ApiError(400, f"The body is no JSON: {first['msg']}.", code="invalid_json")
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(place, known) if len(first["loc"]) == 1 else ""
        return ApiError(422, f"There is no field {place!r}.{hint}", place, "unknown_field")
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    where = f"The field {place!r} is wrong: " if place else "The body is wrong: "
    return ApiError(422, f"{where}{message}.", place or None, "invalid_value")


def _field(place: tuple[int | str, ...]) -> str:
    """The field's name, as `conditions.length`; what follows it tells of pydantic's own ways."""
    names = place[:2] if place[:1] in _NESTED else place[:1]
    return ".".join(str(name) for name in names)


def _type_of(status: int) -> str:
    if status == _TOO_MANY:
        return "rate_limit_error"
    return _TYPES.get(status, "invalid_request_error" if status < _FAILED else "server_error")
