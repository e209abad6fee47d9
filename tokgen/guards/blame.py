"""Blame: a plugin that fails is named with its distribution and with the call that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, Protocol, TypeVar

from tokgen.errors import PluginError, TokgenError, did_you_mean, lacks_torch
from tokgen.guards.calls import watched_calls

Told = TypeVar("Told")
# The mark on what a callback of the core raised while a plugin was calling it.
_OF_THE_CORE = "raised_by_the_core"
NO_OPTIONS = "It declares no options: those stand in a nested class `Options(PluginOptions)`."


class Registered(Protocol):
    """Whoever can be blamed: what the registry stamps on a class when it loads it."""

    @property
    def display_name(self) -> str:
        """`model 'gru' of the distribution tokgen-gru 0.3`."""


@dataclass(frozen=True)
class Unregistered:
    """A plugin class that did not come through the registry: there is no distribution to name."""

    display_name: str


class NotAsPromisedError(Exception):
    """What a plugin gave is not what its contract says; the message says what is wrong with it."""


class blamed:
    """Around a call into a plugin: whatever it raises becomes a `PluginError` that names it.

    What tokgen can tell already (a `TokgenError`, that torch is not installed), Ctrl-C, and what
    the contract lets the call raise (`promised`) pass through.
    """

    def __init__(
        self,
        plugin: Registered,
        call: str,
        promised: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> None:
        self._plugin = plugin
        self._call = call
        self._promised = promised
        self._end: Callable[[], None] | None = None

    def __enter__(self) -> None:
        calls = watched_calls.get()
        if calls is not None:
            self._end = calls.begin(self._plugin.display_name, self._call)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._end is not None:
            self._end()
        if error is None or isinstance(error, (TokgenError, KeyboardInterrupt, self._promised)):
            return
        if not (getattr(error, _OF_THE_CORE, False) or lacks_torch(error)):
            self._blame(error)

    def _blame(self, error: BaseException) -> NoReturn:
        # What tokgen itself says of a plugin's code is a sentence, which needs no name of a class.
        is_sentence = isinstance(error, NotAsPromisedError) or hasattr(error, "source_line")
        kind = () if is_sentence else (type(error).__name__,)
        told = ": ".join([*kind, *str(error).splitlines()[:1]]).removesuffix(".")
        raise PluginError(
            f"The {self._plugin.display_name} failed in {self._call}: {told}.{_meant(error)}"
        ) from error


def _meant(error: BaseException) -> str:
    """The attributes that there are, where one of the plugin API's own types lacks the one used."""
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    # Imported here, since every help of a command imports this file and needs no pydantic.
    from tokgen.plugin_api.options import PluginOptions

    if isinstance(error.obj, PluginOptions):
        declared = type(error.obj).model_fields
        return did_you_mean(error.name, declared) or f" {NO_OPTIONS}"
    if not type(error.obj).__module__.startswith("tokgen.plugin_api."):
        return ""
    public = [name for name in dir(error.obj) if name[0] != "_"]
    # One that is there says itself why it cannot be read.
    return "" if error.name in public else did_you_mean(error.name, public)


def not_blamed(callback: Callable[[Told], None]) -> Callable[[Told], None]:
    """A callback of the core's that a plugin may call: what it raises is not the plugin's fault."""

    def called(told: Told) -> None:
        try:
            callback(told)
        except BaseException as error:
            setattr(error, _OF_THE_CORE, True)
            raise

    return called


def plugin_of(thing: Any, otherwise: str = "") -> Registered:
    """Who is to blame for an instance: its stamp, or `otherwise` where it has none."""
    stamp: Registered | None = getattr(type(thing), "registered_as", None)
    return Unregistered(otherwise) if stamp is None else stamp
