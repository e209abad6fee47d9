"""Outcome: what came of checking one clause."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from tokgen.errors import PluginError
from tokgen.guards.blame import NotAsPromisedError
from tokgen.guards.calls import CallGivenUp, Calls
from tokgen.testing.clause import (
    Clause,
    ClauseNotCheckedError,
    ClauseOutOfTimeError,
    ClauseViolatedError,
)
from tokgen.testing.clock import SECONDS_A_CLAUSE, Clock
from tokgen.testing.place import call_in, code_at, place_in, place_of
from tokgen.testing.plugin_under_test import UnderTest
from tokgen.testing.waiting import DidNotReturnError, returned

Verdict = Literal["passed", "failed", "skipped"]

SECONDS_A_CALL = 60.0
MEND_OF_A_CALL = (
    "See that every loop ends, for an empty input too, and that nothing from outside is waited "
    "for. If the call is only slow: --call-seconds, or `call_seconds` of `conformance`."
)


@dataclass(frozen=True)
class Outcome:
    """What came of checking one clause.

    Attributes:
        said: what is wrong, or why the clause was not checked; of a clause that is kept, on which
            part of the inputs it was looked at, empty where on all.
        shown: the smallest input that shows what is wrong; empty where there is none.
        seconds: what the check took.
        place: `file:line` of the plugin where its own code failed; empty where none did.
        mend: how this fault is mended; empty where the clause was not violated, and where the
            plugin raised an error, on which the clause has nothing to say.
        kept: of a clause that was violated, on which inputs it was kept; empty where on none.
        seconds_wanted: of a clause that was not checked to its end for want of time, the seconds
            that it takes, as far as can be told; 0 of any other.
    """

    clause: Clause
    verdict: Verdict
    said: str
    shown: str
    seconds: float
    place: str = ""
    mend: str = ""
    kept: str = ""
    seconds_wanted: float = 0.0

    @property
    def code(self) -> str:
        """The line of code at `place`; empty where there is none."""
        return code_at(self.place)


def seconds_for(outcomes: Iterable[Outcome]) -> int:
    """The seconds that a clause needs for all of these to be checked; 0 where all have been."""
    most = max((outcome.seconds_wanted for outcome in outcomes), default=0.0)
    # Half as much again, since the last inputs are the largest; in steps of five.
    return 5 * math.ceil(1.5 * most / 5)


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
        told, mend = (violated.said, violated.shown), violated.mend or clause.mend
        return _failed(clause, plugin, violated, told, mend, clock.elapsed)
    except ClauseOutOfTimeError as late:
        wanted = late.wanted
        return Outcome(clause, "skipped", str(late), "", clock.elapsed, seconds_wanted=wanted)
    except ClauseNotCheckedError as reason:
        return Outcome(clause, "skipped", str(reason), "", clock.elapsed)
    except CallGivenUp as refused:
        return Outcome(clause, "skipped", str(refused), "", clock.elapsed)
    except PluginError as error:
        refused_by_guard = isinstance(error.__cause__, NotAsPromisedError)
        mend = clause.mend if refused_by_guard else ""
        return _failed(clause, plugin, error, (str(error), ""), mend, clock.elapsed)
    except DidNotReturnError as stuck:
        return _given_up(clause, plugin, limit, stuck)
    return Outcome(clause, "passed", plugin.looked_at, "", clock.elapsed)


def _failed(
    clause: Clause,
    plugin: UnderTest,
    error: Exception,
    told: tuple[str, str],
    mend: str,
    elapsed: float,
) -> Outcome:
    """The clause has failed, unless an earlier one has for the very same error of the plugin."""
    place = place_of(error, plugin.found)
    raised = _raised_by_plugin(error)
    if raised is not None:
        earlier = plugin.told_errors.setdefault((raised, place), clause.id)
        if earlier != clause.id:
            return Outcome(clause, "skipped", f"follows from {earlier}", "", elapsed)
    kept = ", and ".join(filter(None, (plugin.clock.kept, getattr(error, "kept", ""))))
    return Outcome(clause, "failed", *told, elapsed, place, mend, kept)


def _raised_by_plugin(error: BaseException) -> str | None:
    """What the plugin raised, where an error of the plugin is behind this one."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, PluginError):
        cause = cause.__cause__
    return repr(cause.__cause__) if cause is not None and cause.__cause__ is not None else None


def _given_up(
    clause: Clause, plugin: UnderTest, seconds: float, stuck: DidNotReturnError
) -> Outcome:
    """The clause has failed, and the call is not made in those that follow."""
    call, elapsed = stuck.call, plugin.clock.elapsed
    place = place_in([(each.file, each.line) for each in stuck.stack], plugin.found)
    shown = call_in(stuck.stack, plugin.found)
    if call is None:
        said = f"The {plugin.found.display_name} kept {clause.id} waiting for {seconds:g} s."
        return Outcome(clause, "failed", said, shown, elapsed, place, MEND_OF_A_CALL)
    told = f"had not returned from {call.name} after {seconds:g} s"
    plugin.refused_calls[call.plugin, call.name] = f"it {told} (in {clause.id})"
    said = f"The {call.plugin} {told}."
    return Outcome(clause, "failed", said, shown, elapsed, place, MEND_OF_A_CALL)
