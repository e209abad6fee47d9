"""Example values for the options that a plugin requires, found from what it declares of them."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from tokgen.plugin_api.options import PluginOptions
from tokgen.testing.clause import ClauseNotCheckedError

# Tried in this order: what is in the middle of the usual ranges first.
CANDIDATES: tuple[Any, ...] = (0.5, 2, 3, 1, 0, 0.1, 1.5, -1, True, "a", "ab", [1], ["a"], [], {})


def example_options(declared: type[PluginOptions]) -> dict[str, Any]:
    """A value for each required option, such that all together are accepted.

    Raises:
        ClauseNotCheckedError: no value tried is accepted for one of them.
    """
    examples: dict[str, Any] = {}
    for name, field in declared.model_fields.items():
        if field.is_required():
            examples[name] = _accepted(declared, name)
    return examples


def _accepted(declared: type[PluginOptions], name: str) -> Any:
    for candidate in CANDIDATES:
        if name not in _refused(declared, {name: candidate}):
            return candidate
    raise ClauseNotCheckedError(
        f"no example of the required option {name!r} could be made: give one with -o {name}=…"
    )


def _refused(declared: type[PluginOptions], values: dict[str, Any]) -> set[Any]:
    """The options that are wrong with these values; those that are missing too."""
    try:
        declared.model_validate(values)
    except ValidationError as invalid:
        return {error["loc"][0] for error in invalid.errors() if error["loc"]}
    return set()
