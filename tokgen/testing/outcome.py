"""Outcome: what came of checking one clause."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tokgen.errors import PluginError
from tokgen.registry import source_of
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError
from tokgen.testing.clock import SECONDS_A_CLAUSE, Clock
from tokgen.testing.plugin_under_test import UnderTest

Verdict = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """What came of checking one clause.

    Attributes:
        said: what is wrong, or why the clause was not checked.
        shown: the smallest input that shows what is wrong; empty where there is none.
        seconds: what the check took.
        place: `file:line` of the plugin where its own code failed; empty where none did.
    """

    clause: Clause
    verdict: Verdict
    said: str
    shown: str
    seconds: float
    place: str = ""


def checked(
    clauses: Iterable[Clause], plugin: UnderTest, seconds: float = SECONDS_A_CLAUSE
) -> Iterator[Outcome]:
    """Check clauses one after the other, each within so many seconds."""
    for each in clauses:
        yield outcome_of(each, plugin, seconds)


def outcome_of(clause: Clause, plugin: UnderTest, seconds: float = SECONDS_A_CLAUSE) -> Outcome:
    """Check one clause. What a plugin raises is its fault; what else is raised passes through."""
    plugin.clock = clock = Clock(seconds)
    try:
        clause.check(plugin)
    except ClauseViolatedError as violated:
        place = _place_of(violated, plugin)
        return Outcome(clause, "failed", violated.said, violated.shown, clock.elapsed, place)
    except ClauseNotCheckedError as reason:
        return Outcome(clause, "skipped", str(reason), "", clock.elapsed)
    except PluginError as error:
        place = _place_of(error, plugin)
        return Outcome(clause, "failed", str(error), "", clock.elapsed, place)
    return Outcome(clause, "passed", "", "", clock.elapsed)


def _place_of(error: BaseException | None, plugin: UnderTest) -> str:
    """Where in the plugin's own file the error, or what it came from, was raised."""
    own = source_of(plugin.found).place
    while error is not None and own is not None:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if Path(frame.filename) == own:
                return f"{own}:{frame.lineno}"
        error = error.__cause__ or error.__context__
    return ""
