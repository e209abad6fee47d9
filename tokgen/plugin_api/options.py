"""PluginOptions: one declaration drives `-o key=value`, recipes, completion, help and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tokgen.errors import RequestError, did_you_mean


class PluginOptions(BaseModel):
    """What a plugin can be told; each plugin class nests a subclass of its own.

    Unknown names are errors, values are checked and never changed afterwards, and every field
    has a `description`: it is what `tokgen plugins show` prints.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


OptionsT = TypeVar("OptionsT", bound=BaseModel)


def parse_options(declared: type[OptionsT], given: Mapping[str, Any], owner: str) -> OptionsT:
    """Check `given` against the declaration; `owner` ("model 'mlp'") begins the error sentence.

    Raises:
        RequestError: for the first option that is unknown or whose value does not fit.
    """
    try:
        return declared.model_validate(dict(given))
    except ValidationError as invalid:
        raise RequestError(describe(invalid, declared, owner)) from None


def describe(invalid: ValidationError, declared: type[BaseModel], owner: str) -> str:
    """One sentence for the first thing that pydantic found wrong."""
    found = invalid.errors(include_url=False, include_context=False)
    # A name that is not known explains why another is missing.
    first = min(found, key=lambda error: error["type"] != "extra_forbidden")
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(name, declared.model_fields)
        return f"{owner} has no option {name!r}.{hint or ' It takes none.'}"
    if first["type"] == "missing":
        return f"{owner} needs the option {name!r}."
    said = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if not name:
        return f"{owner}: {said}."
    return f"{owner}: option {name!r} {said}, not {first['input']!r}."
