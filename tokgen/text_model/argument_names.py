"""Names of arguments: what has none of such a name tells the nearest that it has."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tokgen.errors import RequestError, did_you_mean

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def asked_by_name(
    *more: str,
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """A function that refuses a keyword that it has not, and names the nearest that it has.

    `more`: the names that it takes in its `**keywords`.
    """

    def decorated(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        parameters = inspect.signature(function).parameters.values()
        known = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
        known = [*(name for name in known if name != "self"), *more]

        @functools.wraps(function)
        def called(*arguments: Asked.args, **keywords: Asked.kwargs) -> Answer:
            for name in keywords:
                if name not in known:
                    said = f"{function.__name__}() has no argument {name!r}."
                    raise RequestError(said + did_you_mean(name, known))
            return function(*arguments, **keywords)

        return called

    return decorated
