"""Clauses of what a plugin's class says of itself: its docstring and its options."""

from __future__ import annotations

import json
import warnings
from typing import Any

from pydantic import ValidationError

from tokgen.errors import PluginError, RequestError
from tokgen.plugin_api.options import PluginOptions, parse_options
from tokgen.testing.clause import Clause, ClauseViolatedError, clause
from tokgen.testing.plugin_under_test import PluginUnderTest

# No option is called so, and hardly one has such a value.
NO_OPTION = "no_such_option"
NONSENSE: tuple[Any, ...] = ("§", "", "-1e999", None, [None])


@clause
def own_docstring(plugin: PluginUnderTest) -> None:
    """The plugin's class has a docstring of its own.

    Why: its first line is what `tokgen plugins list` and `tokgen plugins show` say of the plugin.

    Mend: write one sentence under the line that begins with `class`: what the plugin does.
    """
    text = vars(plugin.implementation).get("__doc__")
    if not (text and text.strip()):
        raise ClauseViolatedError(f"{plugin.implementation.__name__} has no docstring")


@clause
def described_options(plugin: PluginUnderTest) -> None:
    """Every option has a description.

    Why: it is all that `tokgen plugins show` can tell a user of the option.

    Mend: write `Field(default=…, description="what it does, with its unit")`.
    """
    for name, field in _declared(plugin).model_fields.items():
        if not (field.description or "").strip():
            raise ClauseViolatedError(f"the option {name!r} has no description")


@clause
def valid_defaults(plugin: PluginUnderTest) -> None:
    """The defaults of the options are values that the options accept.

    Why: a default is not checked when it is used, so that the plugin would run with a value that
    it refuses from a user, and a checkpoint that holds it could not be opened.

    Mend: change the default or the bounds of the option.
    """
    options = plugin.options
    try:
        type(options).model_validate(options.model_dump())
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise ClauseViolatedError(f"{name!r}: {first['msg']}", f"{options!r}") from None


@clause
def options_as_json(plugin: PluginUnderTest) -> None:
    """Options written as JSON and read again are the same options.

    Why: recipes and checkpoints keep options as JSON.

    Mend: use types that JSON has (numbers, texts, booleans, lists, tables) in `Options`.
    """
    options = plugin.options
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            written = json.dumps(options.model_dump(mode="json"), allow_nan=False)
        read = type(options).model_validate(json.loads(written))
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ClauseViolatedError(told, repr(options)) from None
    if read != options:
        raise ClauseViolatedError(f"{options!r} is read as {read!r}", written)


@clause
def wrong_option_named(plugin: PluginUnderTest) -> None:
    """A wrong option is refused in a sentence that names it.

    Why: an option with a misspelt name would be ignored in silence, and a value that does not fit
    would fail somewhere else, later.

    Mend: let `Options` derive from `PluginOptions` without another `model_config`; declare bounds
    in `Field`; let validators raise ValueError.
    """
    declared = _declared(plugin)
    good = plugin.options.model_dump()
    if _refusal(plugin, good | {NO_OPTION: 1}) is None:
        raise ClauseViolatedError("an unknown option is accepted", f"{NO_OPTION}=1")
    for name in declared.model_fields:
        for value in NONSENSE:
            said = _refusal(plugin, good | {name: value})
            if said is not None and name not in said:
                raise ClauseViolatedError(f"the option is not named: {said}", f"{name}={value!r}")


def _refusal(plugin: PluginUnderTest, given: dict[str, Any]) -> str | None:
    """What is said when these options are refused; None where they are accepted."""
    try:
        parse_options(_declared(plugin), given, "The plugin")
    except RequestError as error:
        return str(error)
    except PluginError as error:
        raise ClauseViolatedError(str(error), str(given)) from None
    return None


def _declared(plugin: PluginUnderTest) -> type[PluginOptions]:
    declared: type[PluginOptions] = plugin.guarded.Options
    return declared


CLAUSES: tuple[Clause, ...] = (
    own_docstring,
    described_options,
    valid_defaults,
    options_as_json,
    wrong_option_named,
)
