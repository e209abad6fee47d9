"""unfinished: what a plugin class lacks that its base class leaves to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

BASES = "tokgen.plugin_api"


def missing_methods(plugin: type) -> list[str]:
    """The names that its base class declares and nobody defines; none where it is finished."""
    return sorted(getattr(plugin, "__abstractmethods__", ()))


def unfinished(plugin: type) -> str:
    """Say which methods a class lacks, and which of its own may be one of them misspelt."""
    missing = missing_methods(plugin)
    base = next(each for each in plugin.__mro__ if each.__module__.startswith(BASES))
    lacks = f"the class {plugin.__name__}, which derives from {base.__name__}, lacks "
    return " ".join([f"{lacks}{', '.join(missing)}.", *_misspelt(plugin, base, missing)])


def _misspelt(plugin: type, base: type, missing: list[str]) -> Iterator[str]:
    inherited = {*dir(base), *missing}
    own = [name for each in plugin.__mro__ if not issubclass(base, each) for name in vars(each)]
    for name in own:
        if name in inherited:
            continue
        for nearest in difflib.get_close_matches(name, missing, n=1):
            yield f"It has {name}: did you mean {nearest}?"
