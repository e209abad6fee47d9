"""conformance: the clauses of a plugin as a pytest test, one id a clause."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tokgen.errors import RequestError, did_you_mean
from tokgen.registry import Kind
from tokgen.testing.catalogue import CLAUSES, plugin_under_test
from tokgen.testing.clause import Clause
from tokgen.testing.outcome import SECONDS_A_CALL, Outcome, outcome_of, seconds_for
from tokgen.testing.plugin_under_test import UnderTest

SECONDS_A_CLAUSE = 60.0


def conformance(
    kind: Kind,
    name: str,
    *,
    options: Mapping[str, Any] | None = None,
    expected_failures: Mapping[str, str] | None = None,
    seconds: float = SECONDS_A_CLAUSE,
    call_seconds: float = SECONDS_A_CALL,
) -> Callable[[Clause], None]:
    """A pytest test that holds a plugin to the clauses of its kind, with one id a clause.

    In a test file: `test_conformance = conformance("samplers", "my-sampler")`.

    A clause that was not checked, or whose violation follows from another's, is skipped: `pytest
    -rs` says why. One that was kept on part of the inputs alone is told as a warning.

    Args:
        kind: "tokenizers", "models", "samplers", "corpora" or "commands".
        name: the plugin's name, as it is registered.
        options: what it is checked with; by default its defaults, and examples of what it requires.
        expected_failures: the reason for each clause, by id, that the plugin is known to violate.
            The test fails where such a clause is kept after all.
        seconds: what a clause may take; one that takes longer is skipped, and says what it needs.
        call_seconds: after so many seconds a call of the plugin that has not returned is given up:
            the clause has failed. `math.inf` waits for as long as a debugger is used.

    Raises:
        RequestError: there is no such kind or clause.
    """
    import pytest

    if kind not in CLAUSES:
        raise RequestError(f"There is no kind {kind!r}.{did_you_mean(kind, CLAUSES)}")
    reasons = dict(expected_failures or {})
    known = {each.id for each in CLAUSES[kind]}
    for unknown in reasons.keys() - known:
        raise RequestError(f"There is no clause {unknown!r}.{did_you_mean(unknown, known)}")

    @cache
    def plugin() -> UnderTest:
        return plugin_under_test(kind, name, options or {})

    def test_conformance(clause: Clause) -> None:
        outcome = outcome_of(clause, plugin(), seconds, call_seconds)
        if outcome.verdict == "skipped":
            pytest.skip(outcome.said + _more_time(outcome))
        if outcome.verdict == "failed":
            pytest.fail(_told(outcome), pytrace=False)
        if outcome.said:
            warnings.warn(f"{clause.id} is kept {outcome.said}", stacklevel=1)

    def marks(clause: Clause) -> tuple[Any, ...]:
        if clause.id not in reasons:
            return ()
        return (pytest.mark.xfail(reason=reasons[clause.id], strict=True),)

    each = [pytest.param(clause, id=clause.id, marks=marks(clause)) for clause in CLAUSES[kind]]
    return pytest.mark.parametrize("clause", each)(test_conformance)


def _more_time(outcome: Outcome) -> str:
    wanted = seconds_for([outcome])
    return f"; conformance(…, seconds={wanted}) gives it more time" if wanted else ""


def _told(outcome: Outcome) -> str:
    lines = [outcome.clause.wants, f"But: {outcome.said}"]
    if outcome.shown:
        lines.append(f"shown by: {outcome.shown}")
    if outcome.kept:
        lines.append(f"kept {outcome.kept}")
    if outcome.place:
        lines += [f"at: {outcome.place}", f"    {outcome.code}"]
    if outcome.mend:
        lines.append(f"To mend it: {outcome.mend}")
    return "\n".join(lines)
