"""PluginOptions: one declaration drives `-o key=value`, recipes, completion, help and errors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from tokgen.errors import PluginError, RequestError, did_you_mean


class PluginOptions(BaseModel):
    """The options of a plugin; each plugin class nests a subclass of its own, `Options`.

    Unknown names are errors. Values are checked and never changed afterwards. Every field has a
    `description`, which `tokgen plugins show` prints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Named:
    """A plugin's name with the options that were written behind it, not checked yet."""

    name: str
    options: Mapping[str, Any]


def parse_named(name: str, written: str) -> Named:
    """A plugin with what is written behind it: nothing, `key=value,key=value` or `{"key": value}`.

    Raises:
        RequestError: it is neither of these.
    """
    if written.lstrip().startswith("{"):
        try:
            options = json.loads(written)
        except ValueError as error:
            raise RequestError(f"{written!r} is not JSON: {error}.") from None
        return Named(name, options)
    return Named(name, parse_assignments(written.split(",") if written else []))


def parse_assignments(items: Iterable[str], what: str = "option") -> dict[str, str]:
    """`key=value` items as a mapping of texts; `Options` read numbers from them.

    `what` is how a sentence calls a key.

    Raises:
        RequestError: an item is not `key=value`, or a key comes twice.
    """
    values: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        key = key.strip()
        if not equals or not key:
            raise RequestError(f"{item!r} is not key=value.")
        if key in values:
            raise RequestError(f"The {what} {key!r} is given twice.")
        values[key] = value.strip()
    return values


SHORTER = {
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "a valid number": "a number",
    "a valid integer": "a whole number",
    "a valid boolean": "true or false",
    "a valid string": "text",
}

OptionsT = TypeVar("OptionsT", bound=BaseModel)


def parse_options(declared: type[OptionsT], given: Mapping[str, Any], owner: str) -> OptionsT:
    """Check `given` against the declaration; `owner` ("model 'mlp'") begins the error sentence.

    An option that takes several values may be given as the text `a,b`, or as a JSON list where a
    value holds a comma.

    Raises:
        RequestError: for the first option that is unknown or whose value does not fit.
        PluginError: the declaration itself fails.
    """
    listed = {
        name: _listed(value) if _takes_several(declared, name) else value
        for name, value in given.items()
    }
    try:
        return declared.model_validate(listed)
    except ValidationError as invalid:
        raise RequestError(describe(invalid, declared, owner)) from None
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise PluginError(f"{owner} cannot check its options: {told}.") from error


def _takes_several(declared: type[BaseModel], name: str) -> bool:
    field = declared.model_fields.get(name)
    return field is not None and get_origin(field.annotation) in (tuple, list)


def _listed(value: Any) -> Any:
    """The values in a text as it is typed; what is no text is left as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return [each.strip() for each in value.split(",")] if value.strip() else []


def _fields_at(declared: type[BaseModel], place: tuple[int | str, ...]) -> Iterable[str]:
    """The names of the fields of the table that stands at this place inside the whole."""
    for part in place:
        field = declared.model_fields.get(str(part))
        inner = field.annotation if field else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        declared = inner
    return declared.model_fields


def describe(invalid: ValidationError, declared: type[BaseModel], owner: str) -> str:
    """One sentence for the first thing that pydantic found wrong."""
    found = invalid.errors(include_url=False, include_context=False)
    # A name that is not known explains why another is missing.
    first = min(found, key=lambda error: error["type"] != "extra_forbidden")
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(str(first["loc"][-1]), _fields_at(declared, first["loc"][:-1]))
        return f"{owner} has no option {name!r}.{hint or ' It takes none.'}"
    if first["type"] == "missing":
        return f"{owner} needs the option {name!r}."
    if not name:
        return f"{owner}: {_plain(first['msg'])}."
    return f"{owner}: option {name!r} {wanted(first['msg'], first['input'])}."


def wanted(message: str, value: object) -> str:
    """What pydantic says that a value should be, and which value it is: `should be …, not …`."""
    return f"{_plain(message)}, not {_shown(value)}"


def _plain(message: str) -> str:
    """What pydantic says of a value, in fewer words; the value itself is told behind it."""
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    if said.startswith("should be a valid "):
        said = said.split(", ")[0]
    for long, short in SHORTER.items():
        said = said.replace(long, short)
    return said


def _shown(value: Any) -> str:
    """The value as a sentence quotes it; Python writes no integer of more than 4,300 digits."""
    try:
        return repr(value)
    except ValueError:
        return "a value with an integer of thousands of digits"
