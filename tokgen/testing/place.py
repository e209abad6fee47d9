"""Where in a plugin's own file its code failed, or is not as it should be."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path

from tokgen.registry import FoundPlugin, source_of
from tokgen.testing.standing import Standing


def place_of(error: BaseException | None, plugin: FoundPlugin) -> str:
    """Where in the plugin's own file the error, or what it came from, was raised: `file:line`.

    An error that knows in its `source_line` what has to be changed speaks of that line. Empty where
    neither is in the plugin's file.
    """
    place = ""
    while error is not None and not place:
        frames = traceback.extract_tb(error.__traceback__)
        stack = [(Path(each.filename), each.lineno or 0) for each in frames]
        known: tuple[Path, int] | None = getattr(error, "source_line", None)
        place = place_in(stack if known is None else [known], plugin)
        error = error.__cause__ or error.__context__
    return place


def place_in(stack: list[tuple[Path, int]], plugin: FoundPlugin) -> str:
    """The innermost place that is in the plugin's own file, as `file:line`."""
    own = source_of(plugin).place
    inside = [f"{own}:{line}" for file, line in stack if file == own]
    return inside[-1] if inside else ""


def call_in(stack: list[Standing], plugin: FoundPlugin) -> str:
    """The outermost function of the plugin's own file that has not returned; empty without one."""
    own = source_of(plugin).place
    inside = [each.call for each in stack if each.file == own]
    return inside[0] if inside else ""


def code_at(place: str) -> str:
    """The line of code at a place `file:line`, without its indentation; empty where it is none."""
    file, _, line = place.rpartition(":")
    return linecache.getline(file, int(line)).strip() if file else ""
