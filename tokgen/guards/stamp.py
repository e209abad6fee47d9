"""The stamp: a subclass of a plugin's class that knows its registration and has its guard."""

from __future__ import annotations

import inspect
from typing import Any

from tokgen.guards.blame import NotAsPromisedError, Registered


def guarded(implementation: type, guard: type, plugin: Registered) -> type:
    """The class that takes a plugin's place: the guard's methods first, then the plugin's own."""
    # A class is made by its own metaclass, whatever that is.
    return type(implementation)(
        implementation.__name__,
        (guard, implementation),
        {
            "__module__": implementation.__module__,
            "__qualname__": implementation.__qualname__,
            "__doc__": inspect.getdoc(implementation),
            "registered_as": plugin,
            "implementation": implementation,
        },
    )


def adopted(made: Any, cls: Any) -> Any:
    """What a plugin's class method made, as an instance of the guarded class.

    Where its author wrote the name of the class instead of `cls`, it is one of the class unguarded.

    Raises:
        NotAsPromisedError: it is no instance at all.
    """
    if type(made) is cls.implementation:
        made.__class__ = cls
    if not isinstance(made, cls):
        raise NotAsPromisedError(
            f"it gives {type(made).__name__} instead of an instance of its class"
        )
    return made


def implementation_of(cls: Any) -> Any:
    """The class as its author wrote it."""
    return getattr(cls, "implementation", cls)
