"""Outcome: what came of checking one clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tokgen.errors import PluginError
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
    """

    clause: Clause
    verdict: Verdict
    said: str
    shown: str
    seconds: float


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
        return Outcome(clause, "failed", violated.said, violated.shown, clock.elapsed)
    except ClauseNotCheckedError as reason:
        return Outcome(clause, "skipped", str(reason), "", clock.elapsed)
    except PluginError as error:
        return Outcome(clause, "failed", str(error), "", clock.elapsed)
    return Outcome(clause, "passed", "", "", clock.elapsed)
