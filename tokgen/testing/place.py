"""Where in a plugin's own file its code failed."""

from __future__ import annotations

import traceback
from pathlib import Path

from tokgen.registry import FoundPlugin, source_of


def place_of(error: BaseException | None, plugin: FoundPlugin) -> str:
    """Where in the plugin's own file the error, or what it came from, was raised: `file:line`.

    Empty where it was raised elsewhere.
    """
    place = ""
    while error is not None and not place:
        frames = traceback.extract_tb(error.__traceback__)
        place = place_in([(Path(each.filename), each.lineno or 0) for each in frames], plugin)
        error = error.__cause__ or error.__context__
    return place


def place_in(stack: list[tuple[Path, int]], plugin: FoundPlugin) -> str:
    """The innermost place that is in the plugin's own file, as `file:line`."""
    own = source_of(plugin).place
    inside = [f"{own}:{line}" for file, line in stack if file == own]
    return inside[-1] if inside else ""
