"""Clause: one thing that a plugin has promised, with the check that holds it to it.

A clause is written as a function whose docstring says what it wants, why, and how the usual fault
is mended; `clause` makes a `Clause` of it, and `follows_from` names the clauses that may cause its
violation. Its id, once published, does not change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tokgen.errors import PluginError


class ClauseViolatedError(Exception):
    """The plugin does not keep the clause.

    Attributes:
        said: what is wrong, as a sentence or a part of one.
        shown: the smallest input that shows it; empty where there is none.
        mend: how just this fault is mended; empty where the clause says it.
        kept: for which of the inputs looked at together it is kept; empty where for none.
    """

    def __init__(self, said: str, shown: str = "", mend: str = "", kept: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.shown = shown
        self.mend = mend
        self.kept = kept


class ClauseNotCheckedError(Exception):
    """The clause could not be tried on this plugin; the message says why.

    A clause that does not concern a plugin (of columns, where none are read) is kept by it. This is
    for what might be violated and was not looked at.
    """


class ClauseOutOfTimeError(ClauseNotCheckedError):
    """The time of the clause was over before everything was tried.

    Attributes:
        wanted: the seconds that it takes, as far as can be told from what was tried.
    """

    def __init__(self, said: str, wanted: float) -> None:
        super().__init__(said)
        self.wanted = wanted


@dataclass(frozen=True)
class Clause:
    """A promise that can be checked.

    Attributes:
        id: `input-unharmed`; what `--explain` and `expected_failures` take.
        wants: what must hold, in one sentence.
        why: what goes wrong where it does not.
        mend: how the usual fault is mended.
        judge: takes the plugin under test; raises `ClauseViolatedError` where it does not hold.
        causes: clauses of which one, where it is violated, violates this one too.
    """

    id: str
    wants: str
    why: str
    mend: str
    judge: Callable[[Any], None]
    causes: tuple[Clause, ...] = ()

    def check(self, plugin: Any) -> None:
        """Whether a plugin under test keeps it.

        Raises:
            ClauseViolatedError: it does not.
            ClauseNotCheckedError: that could not be told, or it follows from another clause.
        """
        try:
            self.judge(plugin)
        except (ClauseViolatedError, PluginError):
            cause = next((each for each in self.causes if each.is_violated(plugin)), None)
            if cause is None:
                raise
            raise ClauseNotCheckedError(f"follows from {cause.id}") from None

    def is_violated(self, plugin: Any) -> bool:
        """Whether it is seen to be violated; the time for looking is its own."""
        before, plugin.clock = plugin.clock, plugin.clock.anew()
        try:
            self.judge(plugin)
        except (ClauseViolatedError, PluginError):
            return True
        except ClauseNotCheckedError:
            return False
        finally:
            plugin.clock = before
        return False


def clause(judge: Callable[[Any], None]) -> Clause:
    """The clause that a function judges.

    Its docstring has three paragraphs: what the clause wants, `Why: …` and `Mend: …`.
    """
    wants, why, mend = inspect.cleandoc(judge.__doc__ or "").split("\n\n")
    return Clause(
        judge.__name__.replace("_", "-"),
        _one_line(wants),
        _one_line(why.removeprefix("Why:")),
        _one_line(mend.removeprefix("Mend:")),
        judge,
    )


def follows_from(*causes: Clause) -> Callable[[Clause], Clause]:
    """Of a clause that any of these violates too: the cause alone is blamed."""
    return lambda consequence: replace(consequence, causes=causes)


def _one_line(paragraph: str) -> str:
    words = " ".join(paragraph.split())
    return words[:1].upper() + words[1:]
