"""Clause: one thing that a plugin has promised, with the check that holds it to it.

A clause is written as a function whose docstring says what it wants, why, and how the usual fault
is mended; `clause` makes a `Clause` of it. Its id, once published, does not change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class ClauseViolatedError(Exception):
    """The plugin does not keep the clause.

    Attributes:
        said: what is wrong, as a sentence or a part of one.
        shown: the smallest input that shows it; empty where there is none.
        mend: how just this fault is mended; empty where the clause says it.
    """

    def __init__(self, said: str, shown: str = "", mend: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.shown = shown
        self.mend = mend


class ClauseNotCheckedError(Exception):
    """The clause could not be tried on this plugin; the message says why.

    A clause that does not concern a plugin (of columns, where none are read) is kept by it. This is
    for what might be violated and was not looked at.
    """


@dataclass(frozen=True)
class Clause:
    """A promise that can be checked.

    Attributes:
        id: `input-unharmed`; what `--explain` and `expected_failures` take.
        wants: what must hold, in one sentence.
        why: what goes wrong where it does not.
        mend: how the usual fault is mended.
        check: takes the plugin under test; raises `ClauseViolatedError` where it does not hold.
    """

    id: str
    wants: str
    why: str
    mend: str
    check: Callable[[Any], None]


def clause(check: Callable[[Any], None]) -> Clause:
    """The clause that a function checks.

    Its docstring has three paragraphs: what the clause wants, `Why: …` and `Mend: …`.
    """
    wants, why, mend = inspect.cleandoc(check.__doc__ or "").split("\n\n")
    return Clause(
        check.__name__.replace("_", "-"),
        _one_line(wants),
        _one_line(why.removeprefix("Why:")),
        _one_line(mend.removeprefix("Mend:")),
        check,
    )


def _one_line(paragraph: str) -> str:
    words = " ".join(paragraph.split())
    return words[:1].upper() + words[1:]
