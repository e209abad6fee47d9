"""What came of checking a plugin: how many clauses it keeps, and each that it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tokgen.cli.views.table import LEAST_TEXT, Column, Table
from tokgen.unicode import inert

if TYPE_CHECKING:
    from rich.console import Console

    from tokgen.testing.clause import Clause
    from tokgen.testing.outcome import Outcome


# The cells that the mark and the gap behind it take.
INDENT = 3


@dataclass(frozen=True)
class _Row:
    """One clause, or several of which the same is said; `place` is told below it."""

    mark: str
    name: str
    told: Any
    place: str = ""


def show_outcomes(console: Console, plugin: str, outcomes: Sequence[Outcome]) -> None:
    """The number of clauses kept, then each that was violated, and those that were not checked.

    Clauses that were kept on part of the inputs, or not checked, for the same reason share a row.
    A place stands on a line of its own, which is never wrapped, so that it can be copied.

    Args:
        console: where it is printed.
        plugin: the name that sentences on the plugin begin with; the heading has it already.
        outcomes: of all clauses.
    """
    rows = [*_rows(outcomes, f"The {plugin} ")]
    widest = max(len(row.name) for row in rows)
    shown: list[_Row] = []
    for row in rows:
        shown.append(row)
        if row.place:
            console.print(_table(shown, widest))
            console.print(" " * INDENT + f"at {inert(row.place)}", style="dim", soft_wrap=True)
            shown = []
    if shown:
        console.print(_table(shown, widest))


def _table(rows: Sequence[_Row], widest: int) -> Table:
    """Rows whose second column is as wide as it is in the whole."""
    marks = Column([row.mark for row in rows], style="dim", is_key=True)
    names = Column([row.name.ljust(widest) for row in rows])
    return Table([marks, names, _wrapped([row.told for row in rows])])


def _rows(outcomes: Sequence[Outcome], plugin: str) -> Iterator[_Row]:
    kept = [outcome for outcome in outcomes if outcome.verdict == "passed"]
    yield _Row("✓", str(len(kept)), "kept" if len(kept) != 1 else "is kept")
    for said, count in Counter(outcome.said for outcome in kept if outcome.said).items():
        yield _Row("", "", inert(f"{count} of them {said}"))
    for outcome in outcomes:
        if outcome.verdict == "failed":
            yield _Row("✗", outcome.clause.id, _violation(outcome, plugin), outcome.place)
    for said, ids in _not_checked(outcomes).items():
        named = ids[0] if len(ids) == 1 else f"{len(ids)} clauses"
        yield _Row("–", named, inert(f"not checked: {said.replace(plugin, 'it ')}"))


def _not_checked(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """The ids of the clauses that were not checked, by the reason."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.verdict == "skipped":
            found.setdefault(outcome.said, []).append(outcome.clause.id)
    return found


def _violation(outcome: Outcome, plugin: str) -> Any:
    from rich.text import Text

    said = outcome.said
    told = Text(inert(f"It {said.removeprefix(plugin)}" if said.startswith(plugin) else said))
    if outcome.shown:
        told.append(f"\nshown by {inert(outcome.shown)}", style="dim")
    if outcome.kept:
        told.append(f"\nkept {outcome.kept}", style="dim")
    if outcome.code:
        told.append(f"\nin the line  {inert(outcome.code)}", style="dim")
    if outcome.mend:
        told.append(f"\n→ {inert(outcome.mend)}", style="dim")
    return told


def explanation(clause: Clause, kinds: Sequence[str]) -> Table:
    """What a clause wants, of which kinds of plugins, why, and how its usual fault is mended."""
    said = {
        "clause": clause.id,
        "of": ", ".join(kinds),
        "wants": clause.wants,
        "why": clause.why,
        "to mend": clause.mend,
    }
    return Table([Column([*said], style="dim", is_key=True), _wrapped([*said.values()])])


def clauses_table(clauses: Sequence[Clause]) -> Table:
    """Every clause of a kind: its id and what it wants."""
    ids = Column([clause.id for clause in clauses], is_key=True)
    return Table([ids, _wrapped([clause.wants for clause in clauses])])


def _wrapped(texts: Sequence[Any]) -> Column:
    return Column(texts, least=LEAST_TEXT)
