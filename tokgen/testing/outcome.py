"""Outcome: what came of checking one clause."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tokgen.errors import PluginError
from tokgen.guards.calls import CallGivenUp, Calls
from tokgen.testing.clause import Clause, ClauseNotCheckedError, ClauseViolatedError
from tokgen.testing.clock import SECONDS_A_CLAUSE, Clock
from tokgen.testing.place import place_in, place_of
from tokgen.testing.plugin_under_test import UnderTest
from tokgen.testing.waiting import DidNotReturnError, returned

Verdict = Literal["passed", "failed", "skipped"]

SECONDS_A_CALL = 60.0


@dataclass(frozen=True)
class Outcome:
    """What came of checking one clause.

    Attributes:
        said: what is wrong, or why the clause was not checked; of a clause that is kept, on which
            part of the inputs it was looked at, empty where on all.
        shown: the smallest input that shows what is wrong; empty where there is none.
        seconds: what the check took.
        place: `file:line` of the plugin where its own code failed; empty where none did.
        mend: how this fault is mended; empty where the clause was not violated.
    """

    clause: Clause
    verdict: Verdict
    said: str
    shown: str
    seconds: float
    place: str = ""
    mend: str = ""


def checked(
    clauses: Iterable[Clause],
    plugin: UnderTest,
    seconds: float = SECONDS_A_CLAUSE,
    call_seconds: float = SECONDS_A_CALL,
) -> Iterator[Outcome]:
    """Check clauses one after the other, each within so many seconds, and each call within its."""
    for each in clauses:
        yield outcome_of(each, plugin, seconds, call_seconds)


def outcome_of(
    clause: Clause,
    plugin: UnderTest,
    seconds: float = SECONDS_A_CLAUSE,
    call_seconds: float = SECONDS_A_CALL,
) -> Outcome:
    """Check one clause. What a plugin raises is its fault; what else is raised passes through.

    A call that has not returned after `call_seconds` is given up, and not made again.
    """
    plugin.clock = clock = Clock(seconds)
    plugin.looked_at = ""
    # A corpus is data: nothing of it is called, and to read it may take its time.
    limit = math.inf if plugin.found.kind == "corpora" else call_seconds
    try:
        returned(partial(clause.check, plugin), Calls(plugin.refused_calls), limit)
    except ClauseViolatedError as violated:
        place, mend = place_of(violated, plugin.found), violated.mend or clause.mend
        return Outcome(clause, "failed", violated.said, violated.shown, clock.elapsed, place, mend)
    except ClauseNotCheckedError as reason:
        return Outcome(clause, "skipped", str(reason), "", clock.elapsed)
    except CallGivenUp as refused:
        return Outcome(clause, "skipped", str(refused), "", clock.elapsed)
    except PluginError as error:
        place = place_of(error, plugin.found)
        return Outcome(clause, "failed", str(error), "", clock.elapsed, place, clause.mend)
    except DidNotReturnError as stuck:
        return _given_up(clause, plugin, limit, stuck)
    return Outcome(clause, "passed", plugin.looked_at, "", clock.elapsed)


def _given_up(
    clause: Clause, plugin: UnderTest, seconds: float, stuck: DidNotReturnError
) -> Outcome:
    """The clause has failed, and the call is not made in those that follow."""
    call, elapsed = stuck.call, plugin.clock.elapsed
    place = place_in(stuck.stack, plugin.found)
    if call is None:
        said = f"The {plugin.found.display_name} kept {clause.id} waiting for {seconds:g} s."
        return Outcome(clause, "failed", said, "", elapsed, place, clause.mend)
    told = f"had not returned from {call.name} after {seconds:g} s (in {clause.id})"
    plugin.refused_calls[call.plugin, call.name] = f"it {told}"
    said = f"The {call.plugin} {told}."
    return Outcome(clause, "failed", said, "", elapsed, place, clause.mend)
