"""API numbers: which contracts a plugin may be written for, and how long an older one is read.

A contract that changes gets the next number. The number before it then stands in the table with
what authors have to change; when its time is over, its line is removed.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tokgen.errors import DeprecatedPluginWarning, PluginError
from tokgen.registry.found import FoundPlugin


@dataclass(frozen=True)
class Deprecation:
    """What becomes of an older contract.

    Attributes:
        change: what the author of a plugin has to change, as the end of a sentence.
        ends: the first version of tokgen that does not read the contract.
    """

    change: str
    ends: str


API_NUMBERS: dict[int, Deprecation | None] = {1: None}


def refusal(number: Any, numbers: Mapping[int, Deprecation | None] = API_NUMBERS) -> str | None:
    """Why a plugin of this number cannot be used, as what follows its name; None where it can."""
    newest = max(numbers)
    if number is None:
        return f"declares no tokgen_api; this is {newest}."
    if not isinstance(number, int):
        return f"has tokgen_api = {number!r}, which is no number; this is {newest}."
    if number in numbers:
        return None
    said = f"is written for tokgen_api = {number}; this is {newest}."
    if number > newest:
        return f"{said} A newer tokgen is needed."
    return f"{said} A newer version of the plugin is needed."


def deprecation(number: Any, numbers: Mapping[int, Deprecation | None] = API_NUMBERS) -> str | None:
    """What to change in a plugin of this number, and until when, as what follows its name.

    None where nothing is to be changed.
    """
    old = numbers.get(number)
    if old is None:
        return None
    return (
        f"is written for tokgen_api = {number}, which tokgen {old.ends} will not read any more. "
        f"For tokgen_api = {max(numbers)}, {old.change}."
    )


def check_api_number(found: FoundPlugin, number: Any) -> None:
    """Refuse a plugin of a number that cannot be read, and warn of one that is deprecated.

    Raises:
        PluginError: tokgen is too old or too new for it.
    """
    refused = refusal(number)
    if refused is not None:
        raise PluginError(f"The {found.display_name} {refused}")
    deprecated = deprecation(number)
    if deprecated is not None:
        said = f"The {found.display_name} {deprecated}"
        warnings.warn(said, DeprecatedPluginWarning, stacklevel=2)
