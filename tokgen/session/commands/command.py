"""What follows a command's name: numbers, names, conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tokgen.errors import RequestError
from tokgen.session.events import Event
from tokgen.session.state import State

LARGEST = 10**18


@dataclass(frozen=True)
class Command:
    """One command, for `:help`, completion and dispatch.

    Attributes:
        opens_files: it reads or writes files that the user names.
        trains: it changes the open model's weights, which is work for the machine.
    """

    usage: str
    meaning: str
    run: Callable[[State, str], Iterator[Event]]
    opens_files: bool = False
    trains: bool = False

    @property
    def takes_nothing(self) -> bool:
        """Whether its name is all that is typed."""
        return " " not in self.usage


def needed(rest: str, usage: str, choices: Iterable[str] = ()) -> str:
    """What was typed after the name; `RequestError` with the choices where nothing was."""
    if not rest:
        known = ", ".join(choices)
        raise RequestError(f"An argument is missing: {usage}{known and f'. There are: {known}.'}")
    return rest


def whole(text: str, what: str, largest: int = LARGEST, least: int = 0) -> int:
    """A whole number from `least` to `largest`, or `RequestError`."""
    digits = text.removeprefix("-")
    if not digits.isdecimal():
        raise RequestError(f"A {what} is a whole number, not {text!r}.")
    # Python itself refuses to read thousands of digits.
    is_long = len(digits) > len(str(largest))
    if text != digits or (not is_long and int(digits) < least):
        raise RequestError(f"A {what} is at least {least}, not {text}.")
    if is_long or int(digits) > largest:
        raise RequestError(f"A {what} is at most {largest}.")
    return int(digits)


def number(text: str, what: str) -> float:
    """A number, or `RequestError`."""
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"A {what} is a number, not {text!r}.") from None
