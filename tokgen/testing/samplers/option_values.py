"""Options with which a sampler is tried: those it is checked with, and each option elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from tokgen.plugin_api.options import PluginOptions

# Just inside a bound that is not allowed itself.
INSIDE = 1e-6
MIDDLE: tuple[Any, ...] = (0.5, 2, True, False, math.inf)


def variants(options: PluginOptions) -> tuple[PluginOptions, ...]:
    """These options, then with one of them changed: to a middle value, and to each bound."""
    found = [options]
    for name, field in type(options).model_fields.items():
        for value in _values(field):
            other = _with(options, name, value)
            if other is not None and other not in found:
                found.append(other)
    return tuple(found)


def _values(field: FieldInfo) -> Iterator[Any]:
    yield from _listed(field.annotation)
    yield from MIDDLE
    for bound in field.metadata:
        step = 1 if field.annotation is int else INSIDE
        match bound:
            case Ge(limit) | Le(limit):
                yield limit
            case Gt(limit):
                yield limit + step  # type: ignore[operator]
            case Lt(limit):
                yield limit - step  # type: ignore[operator]


def _listed(annotation: Any) -> tuple[Any, ...]:
    """The values of a `Literal` or an `Enum`."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(annotation)
    return ()


def _with(options: PluginOptions, name: str, value: Any) -> PluginOptions | None:
    """The options with one value changed; None where it does not fit."""
    try:
        return type(options).model_validate(options.model_dump() | {name: value})
    except ValidationError:
        return None
