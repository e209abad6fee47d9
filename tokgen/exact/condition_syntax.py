"""How conditions are written: `length=4..6 suffix=a novel`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tokgen.errors import RequestError, did_you_mean
from tokgen.exact.conditions import MOST_CHARACTERS, Conditions, check_lengths

CONDITION_NAMES = (
    *("length", "pattern", "suffix", "contains", "exclude"),
    *("novel", "novel-distance", "min-logprob", "quality"),
)
PREFIX_IS_TYPED = " The prefix is the text that was typed before."


def parse_lengths(text: str) -> tuple[int, int | None]:
    """`4..10`, `4..` and `..10` for one bound alone, or `6` for exactly that.

    Raises:
        RequestError: it is none of these, or longer than documents are drawn.
    """
    first, dots, last = text.partition("..")
    if not re.fullmatch(r"\d{1,18}|\d{1,18}\.\.\d{0,18}|\.\.\d{1,18}", text, re.ASCII):
        meant = re.fullmatch(r"(\d{1,18})[-–:,](\d{1,18})", text, re.ASCII)
        hint = f" Did you mean {meant[1]}..{meant[2]}?" if meant else ""
        raise RequestError(f"A length is written 6, 4..10, 4.. or ..10, not {text!r}.{hint}")
    shortest = int(first or 0)
    longest = int(last) if last else None if dots else shortest
    check_lengths((shortest, longest))
    if max(shortest, longest or 0) > MOST_CHARACTERS:
        raise RequestError(
            f"A length is at most {MOST_CHARACTERS:,} characters: {text!r} asks for more."
        )
    return shortest, longest


def parse_conditions(words: Sequence[str]) -> Conditions:
    """`length=4..6`, `pattern=?a*`, `suffix=sh`, `contains=an`, `exclude=qx`, `novel`, ….

    Raises:
        RequestError: there is no such condition, one is given twice, or a length or a distance is
            none.
    """
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in CONDITION_NAMES or bool(equals) == (name == "novel"):
            hint = PREFIX_IS_TYPED if name == "prefix" else did_you_mean(name, CONDITION_NAMES)
            raise RequestError(f"A condition is NAME=VALUE or novel, not {word!r}.{hint}")
        if name in given:
            raise RequestError(f"The condition {name} is given twice.")
        given[name] = value if equals else True
    if "length" in given:
        given["lengths"] = parse_lengths(given.pop("length"))
    if "novel-distance" in given:
        given["novel_distance"] = _parse_distance(given.pop("novel-distance"))
    if "min-logprob" in given:
        given["min_logprob"] = _parse_number("min-logprob", given.pop("min-logprob"))
    if "quality" in given:
        given["quality"] = _parse_number("quality", given["quality"])
    return Conditions(**given)


def _parse_distance(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise RequestError(f"A distance from the corpus is a number of edits, not {text!r}.")
    return int(text)


def _parse_number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RequestError(f"The condition {name} is a number, not {text!r}.") from None
